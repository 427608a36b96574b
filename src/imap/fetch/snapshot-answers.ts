import type { MailboxSnapshot } from '#mail/snapshot.ts'
import { longestDecimal, writeDecimal } from '../decimal.ts'
import { noneRecent, withRecent } from '../recent.ts'
import type { RecentMessages } from '../recent.ts'
import type { FetchItem } from './item.ts'

/** Lines are gathered up to here. facts/performance.md section C. */
const chunkBytes = 64 * 1024
const STAR = 0x2a
const SP = 0x20

/** The columns of a snapshot that are written as numbers. */
type Numbers = Uint32Array | Float64Array

/** What is the same for all messages with the same flags: the text after each number of a line. */
interface Pattern {
  readonly pieces: readonly Buffer[]
  /** The longest line that it can make. */
  readonly lineBytes: number
}

/**
 * Writes answers that the view alone holds, such as ten thousand FLAGS. A line is numbers with fixed text between them, made
 * ready once for each combination of flags; so no message costs an object or a string. Other items must not be among them,
 * but a lazy PREVIEW may.
 */
export class SnapshotAnswers {
  readonly #told: MailboxSnapshot
  readonly #uidOnly: boolean
  /** The numbers of a line after its first. */
  readonly #columns: readonly Numbers[]
  /** What stands after each number, in parts: between two of them stand the flags. */
  readonly #texts: readonly (readonly string[])[]
  readonly #recent: RecentMessages
  /** Two for each combination of flags: the second with \Recent. */
  readonly #patterns: (Pattern | undefined)[] = []

  constructor(
    told: MailboxSnapshot,
    items: readonly FetchItem[],
    {
      uidOnly = false,
      recent = noneRecent,
    }: { readonly uidOnly?: boolean; readonly recent?: RecentMessages } = {},
  ) {
    this.#told = told
    this.#uidOnly = uidOnly
    this.#recent = recent
    const columns: Numbers[] = []
    const texts = [[uidOnly ? ' UIDFETCH (' : ' FETCH (']]
    const say = (text: string) => {
      const parts = texts.at(-1) as string[]
      parts.push(`${parts.pop() ?? ''}${text}`)
    }
    for (const [i, { label }] of items.entries()) {
      say(i === 0 ? `${label} ` : ` ${label} `)
      switch (label) {
        case 'UID':
          columns.push(told.uids)
          texts.push([''])
          break
        case 'MODSEQ':
          say('(')
          columns.push(told.modSeqs)
          texts.push([')'])
          break
        case 'FLAGS':
          say('(')
          texts.at(-1)?.push(')')
          break
        default:
          say('NIL')
      }
    }
    say(')\r\n')
    this.#columns = columns
    this.#texts = texts
  }

  /** The lines about the messages at these indexes of the view, in chunks. */
  *chunks(indexes: Uint32Array): Generator<Uint8Array, void, void> {
    for (let from = 0; from < indexes.length;) {
      const chunk = this.#fill(indexes, from)
      yield chunk.bytes
      from = chunk.next
    }
  }

  /** As many lines as there is room for, one at least. */
  #fill(indexes: Uint32Array, from: number): { readonly bytes: Uint8Array; readonly next: number } {
    const { uids } = this.#told
    const columns = this.#columns
    const numbers = columns.length
    const first = this.#pattern(indexes[from] as number).lineBytes
    const left = (indexes.length - from) * first
    const into = Buffer.allocUnsafe(Math.max(first, Math.min(left, chunkBytes)))
    let at = 0
    let next = from
    for (; next < indexes.length; next++) {
      const index = indexes[next] as number
      const { pieces, lineBytes } = this.#pattern(index)
      if (at + lineBytes > into.length) break
      into[at] = STAR
      into[at + 1] = SP
      at = writeDecimal(into, at + 2, this.#uidOnly ? (uids[index] as number) : index + 1)
      for (let i = 0; ; i++) {
        const piece = pieces[i] as Buffer
        into.set(piece, at)
        at += piece.length
        if (i === numbers) break
        at = writeDecimal(into, at, (columns[i] as Numbers)[index] as number)
      }
    }
    return { bytes: into.subarray(0, at), next }
  }

  #pattern(index: number): Pattern {
    const { flags, uids, flagTable } = this.#told
    const set = flags[index] as number
    const isRecent = !this.#recent.none && this.#recent.has(uids[index] as number)
    const at = isRecent ? set * 2 + 1 : set * 2
    const known = this.#patterns[at]
    if (known !== undefined) return known
    const { text } = flagTable.get(set)
    return (this.#patterns[at] = this.#makePattern(isRecent ? withRecent(text) : text))
  }

  #makePattern(flags: string): Pattern {
    const pieces = this.#texts.map((parts) => Buffer.from(parts.join(flags), 'latin1'))
    const lineBytes = pieces.reduce((sum, piece) => sum + piece.length + longestDecimal, 2)
    return { pieces, lineBytes }
  }
}
