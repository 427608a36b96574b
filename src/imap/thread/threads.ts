import type { Chunk } from '../command.ts'

/** Threads as they are told: numbers from 0, of which those from `letters` on are dummies that only hold others together. */
export interface Threads {
  /** How many nodes are letters. */
  readonly letters: number
  readonly roots: readonly number[]
  /** Children of a node, in their order; undefined for none. */
  readonly children: ReadonlyMap<number, readonly number[]>
}

const pieceLength = 65_536

/**
 * `* THREAD (2)(3 6 (4 23)(44 7 96))`. RFC 5256 section 4: a lone child follows its parent, several stand in parentheses,
 * and a dummy has no number. However deep the threads are, nothing recurses.
 */
export function* threadLine(
  { letters, roots, children }: Threads,
  numberOf: (letter: number) => number,
): Generator<Chunk, void, void> {
  let text = '* THREAD'
  if (roots.length > 0) text += ' '
  const open = roots.toReversed()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === closing) {
      text += ')'
      continue
    }
    text += '('
    let node = next
    for (;;) {
      if (node < letters) text += numberOf(node)
      const below = children.get(node) ?? []
      if (below.length === 0) {
        text += ')'
        break
      }
      if (node < letters) text += ' '
      if (below.length > 1) {
        open.push(closing)
        for (let i = below.length - 1; i >= 0; i--) open.push(below[i] as number)
        break
      }
      node = below[0] as number
      if (text.length >= pieceLength) {
        yield text
        text = ''
      }
    }
    if (text.length < pieceLength) continue
    yield text
    text = ''
  }
  yield `${text}\r\n`
}

const closing = -1
