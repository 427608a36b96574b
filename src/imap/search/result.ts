import { formatNumbers } from '#mail/number-set.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { Chunk } from '../command.ts'
import { longestDecimal, writeDecimal } from '../decimal.ts'
import { pageOf } from '../partial-range.ts'
import type { Returns } from './arguments.ts'

/** Lines of numbers are given in pieces of some tens of kilobytes. */
const numbersPerPiece = 8192
const SP = 0x20

/** What was found, as the client asked for it. */
export interface Found {
  readonly told: MailboxSnapshot
  /** Indexes into `told`, in the order of the results: ascending, unless they are sorted. */
  readonly indexes: Uint32Array
  readonly uid: boolean
  /** Whether MODSEQ was among the keys. RFC 7162 section 3.1.5. */
  readonly modSeq: boolean
}

/** `* SEARCH 2 5 (MODSEQ 9)`. RFC 3501 section 7.2.5; `* SORT 5 2` by RFC 5256 section 4. */
export function* searchLine(
  { told, indexes, uid, modSeq }: Found,
  name: 'SEARCH' | 'SORT' = 'SEARCH',
): Generator<Chunk, void, void> {
  let head = `* ${name}`
  let at = 0
  while (at < indexes.length) {
    const some = Math.min(numbersPerPiece, indexes.length - at)
    const piece = Buffer.allocUnsafe(head.length + some * (1 + longestDecimal))
    let end = piece.write(head, 'latin1')
    head = ''
    for (const stop = at + some; at < stop; at++) {
      const index = indexes[at] as number
      piece[end] = SP
      end = writeDecimal(piece, end + 1, uid ? (told.uids[index] as number) : index + 1)
    }
    yield piece.subarray(0, end)
  }
  const tail = modSeq && indexes.length > 0 ? ` (MODSEQ ${highestModSeq(told, indexes)})` : ''
  yield `${head}${tail}\r\n`
}

/**
 * `* ESEARCH (TAG "a1") UID MIN 2 COUNT 3`. RFC 9051 section 7.3.4; MODSEQ by RFC 7162 section 3.1.10. Of sorted results MIN
 * is the first and MAX the last, and ALL keeps their order: RFC 5267 section 3.1.
 */
export function esearchLine(tag: string, { options, page }: Returns, found: Found): string {
  const { told, indexes, uid, modSeq } = found
  const number = (index: number) => (uid ? (told.uids[index] as number) : index + 1)
  const numbers = (some: Uint32Array) => formatNumbers(some.values().map(number))
  const first = indexes[0]
  const last = indexes.at(-1)
  let text = `* ESEARCH (TAG "${tag}")${uid ? ' UID' : ''}`
  // "MUST NOT include" MIN, MAX and ALL when nothing matches.
  if (first !== undefined && last !== undefined) {
    if (options.has('MIN')) text += ` MIN ${number(first)}`
    if (options.has('MAX')) text += ` MAX ${number(last)}`
    if (options.has('ALL')) text += ` ALL ${numbers(indexes)}`
  }
  if (options.has('COUNT')) text += ` COUNT ${indexes.length}`
  // RFC 9394 section 4: NIL for a page that has nothing on it.
  if (page !== undefined) text += ` PARTIAL (${page.text} ${numbers(pageOf(indexes, page)) || 'NIL'})`
  const named = namedBy({ options, page }, indexes)
  if (modSeq && named.length > 0) text += ` MODSEQ ${highestModSeq(told, named)}`
  return `${text}\r\n`
}

/** The UIDs that `$` stands for from now on, ascending. RFC 9051 section 6.4.4.1. */
export function savedUids(returns: Returns, { told, indexes }: Found): Uint32Array {
  return namedBy(returns, indexes)
    .toSorted()
    .map((index) => told.uids[index] as number)
}

/** What the answer is about: MIN, MAX and PARTIAL without ALL and COUNT name only some of what was found. */
function namedBy({ options, page }: Returns, indexes: Uint32Array): Uint32Array {
  const onlySome = options.has('MIN') || options.has('MAX') || page !== undefined
  if (!onlySome || options.has('ALL') || options.has('COUNT') || indexes.length === 0) return indexes
  const named = new Set(page === undefined ? [] : pageOf(indexes, page))
  if (options.has('MIN')) named.add(indexes[0] as number)
  if (options.has('MAX')) named.add(indexes.at(-1) as number)
  return Uint32Array.from(named)
}

function highestModSeq({ modSeqs }: MailboxSnapshot, indexes: Iterable<number>): number {
  let highest = 0
  for (const index of indexes) highest = Math.max(highest, modSeqs[index] as number)
  return highest
}
