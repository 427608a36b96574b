import { formatNumbers } from '#mail/number-set.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { Chunk } from '../command.ts'
import type { ReturnOption } from './arguments.ts'

/** Lines of numbers are given in pieces of about this many characters. */
const pieceLength = 65_536

/** What was found, as the client asked for it. */
export interface Found {
  readonly told: MailboxSnapshot
  /** Indexes into `told`, ascending. */
  readonly indexes: Uint32Array
  readonly uid: boolean
  /** Whether MODSEQ was among the keys. RFC 7162 section 3.1.5. */
  readonly modSeq: boolean
}

/** `* SEARCH 2 5 (MODSEQ 9)`. RFC 3501 section 7.2.5. */
export function* searchLine({ told, indexes, uid, modSeq }: Found): Generator<Chunk, void, void> {
  let text = '* SEARCH'
  for (const index of indexes) {
    text += ` ${uid ? (told.uids[index] as number) : index + 1}`
    if (text.length < pieceLength) continue
    yield text
    text = ''
  }
  if (modSeq && indexes.length > 0) text += ` (MODSEQ ${highestModSeq(told, indexes)})`
  yield `${text}\r\n`
}

/** `* ESEARCH (TAG "a1") UID MIN 2 COUNT 3`. RFC 9051 section 7.3.4; MODSEQ by RFC 7162 section 3.1.10. */
export function esearchLine(tag: string, returns: ReadonlySet<ReturnOption>, found: Found): string {
  const { told, indexes, uid, modSeq } = found
  const number = (index: number) => (uid ? (told.uids[index] as number) : index + 1)
  const first = indexes[0]
  const last = indexes.at(-1)
  let text = `* ESEARCH (TAG "${tag}")${uid ? ' UID' : ''}`
  // "MUST NOT include" MIN, MAX and ALL when nothing matches.
  if (first !== undefined && last !== undefined) {
    if (returns.has('MIN')) text += ` MIN ${number(first)}`
    if (returns.has('MAX')) text += ` MAX ${number(last)}`
    if (returns.has('ALL')) text += ` ALL ${formatNumbers(indexes.values().map(number))}`
  }
  if (returns.has('COUNT')) text += ` COUNT ${indexes.length}`
  if (modSeq && first !== undefined && last !== undefined) {
    const all = returns.has('ALL') || returns.has('COUNT')
    text += ` MODSEQ ${highestModSeq(told, all ? indexes : ends(returns, first, last))}`
  }
  return `${text}\r\n`
}

/** The UIDs that `$` stands for from now on: MIN and MAX alone save only those. RFC 9051 section 6.4.4.1. */
export function savedUids(returns: ReadonlySet<ReturnOption>, { told, indexes }: Found): Uint32Array {
  const first = indexes[0]
  const last = indexes.at(-1)
  if (first === undefined || last === undefined) return new Uint32Array()
  const onlyEnds = (returns.has('MIN') || returns.has('MAX')) && !returns.has('ALL') && !returns.has('COUNT')
  const saved = onlyEnds ? Uint32Array.from(new Set(ends(returns, first, last))) : indexes
  return saved.map((index) => told.uids[index] as number)
}

function ends(returns: ReadonlySet<ReturnOption>, first: number, last: number): number[] {
  const both: number[] = []
  if (returns.has('MIN')) both.push(first)
  if (returns.has('MAX')) both.push(last)
  return both
}

function highestModSeq({ modSeqs }: MailboxSnapshot, indexes: Iterable<number>): number {
  let highest = 0
  for (const index of indexes) highest = Math.max(highest, modSeqs[index] as number)
  return highest
}
