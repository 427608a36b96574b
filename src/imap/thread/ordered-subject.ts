import { inOrder } from '../sort/in-order.ts'
import type { Turn } from '#wire/turn.ts'
import type { Letter } from './letters.ts'
import type { Threads } from './threads.ts'

/** Letters looked at between two glances at the clock. */
const glance = 1024

/**
 * "Poor man's threading": a thread is what has the same base subject; its first message is the parent of all others. Threads
 * and messages in order of the date sent. RFC 5256 section 3, ORDEREDSUBJECT.
 */
export async function orderedSubject(
  letters: readonly Letter[],
  turn: Turn,
  signal: AbortSignal,
): Promise<Threads> {
  const all = Uint32Array.from(letters.keys())
  const order = await inOrder(all, (a, b) => bySent(letters, a, b), turn, signal)
  const rootOf = new Map<string, number>()
  const children = new Map<number, number[]>()
  const roots: number[] = []
  for (const [i, node] of order.entries()) {
    if (i % glance === 0 && turn.over) await turn.next(signal)
    const { subject } = letters[node] as Letter
    const root = rootOf.get(subject)
    if (root === undefined) {
      rootOf.set(subject, node)
      roots.push(node)
    } else {
      const others = children.get(root)
      if (others === undefined) children.set(root, [node])
      else others.push(node)
    }
  }
  return { letters: letters.length, roots, children }
}

function bySent(letters: readonly Letter[], a: number, b: number): number {
  return (letters[a] as Letter).sent - (letters[b] as Letter).sent || a - b
}
