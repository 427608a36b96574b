import { resolveRanges } from '#mail/number-set.ts'
import type { NumberRange } from '#mail/number-set.ts'
import { lowerBound } from '#mail/snapshot.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import { ProtocolError } from './parser.ts'

/** Indexes, ascending, of a set of sequence numbers. Throws ProtocolError for a number beyond the last. */
export function indexesOfSeqs({ uids }: MailboxSnapshot, set: readonly NumberRange[]): Uint32Array {
  const count = uids.length
  for (const { from, to } of set) {
    // 5:* with three messages means the last one; a plain 5 is an error. RFC 9051 section 9, seq-number.
    if (from !== Infinity && to !== Infinity && Math.max(from, to) > count)
      throw new ProtocolError('There is no message with this number')
  }
  const clamped = set.map(({ from, to }) => ({ from: clamp(from, count), to: clamp(to, count) }))
  return gather(resolveRanges(clamped, count), 1)
}

/** Indexes, ascending, of a set of UIDs; those that are not there are left out. However wide the ranges, it costs what is there. */
export function indexesOfUids({ uids }: MailboxSnapshot, set: readonly NumberRange[]): Uint32Array {
  const ranges: NumberRange[] = []
  for (const { from, to } of resolveRanges(set, uids.at(-1) ?? 0)) {
    const first = lowerBound(uids, from)
    const end = lowerBound(uids, to + 1)
    if (first < end) ranges.push({ from: first, to: end - 1 })
  }
  return gather(ranges, 0)
}

/** Indexes of saved UIDs; those that left the mailbox are no longer meant. RFC 5182 section 2.1. */
export function indexesOfSaved({ uids }: MailboxSnapshot, saved: Uint32Array): Uint32Array {
  return saved.map((uid) => lowerBound(uids, uid)).filter((index, i) => uids[index] === saved[i])
}

/** Both, ascending, each once. */
export function inOrder(some: Uint32Array, others: Uint32Array): Uint32Array {
  if (some.length === 0) return others
  if (others.length === 0) return some
  const all = new Uint32Array(some.length + others.length)
  all.set(some)
  all.set(others, some.length)
  return all.sort().filter((index, i, sorted) => i === 0 || sorted[i - 1] !== index)
}

function clamp(number: number, count: number): number {
  return number === Infinity ? number : Math.min(number, count)
}

/** All numbers of the ranges, less `base`. */
function gather(ranges: readonly NumberRange[], base: number): Uint32Array {
  let count = 0
  for (const { from, to } of ranges) count += to - from + 1
  const indexes = new Uint32Array(count)
  let at = 0
  for (const { from, to } of ranges) for (let value = from; value <= to; value++) indexes[at++] = value - base
  return indexes
}
