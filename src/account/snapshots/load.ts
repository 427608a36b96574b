import type { FlagTable } from '#mail/flags.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { AccountStore, MailboxRow, SnapshotColumns } from '#store/store.ts'
import { breathe } from '../present.ts'

/** Rows read in one go: a few milliseconds. */
const rowsPerSlice = 10_000

/** Reads a whole mailbox from the store, with pauses. Nothing may be written meanwhile. */
export async function loadSnapshot(
  store: AccountStore,
  row: MailboxRow,
  flagTable: FlagTable,
): Promise<MailboxSnapshot> {
  const slices: SnapshotColumns[] = []
  let size = 0
  for (let from = 1; ;) {
    const slice = await store.snapshot(row.id, from, rowsPerSlice)
    const last = slice.uids.at(-1)
    if (last === undefined) break
    slices.push(slice)
    size += slice.uids.length
    if (slice.uids.length < rowsPerSlice) break
    from = last + 1
    await breathe()
  }
  const uids = new Uint32Array(size)
  const keys = new Uint32Array(size)
  const flags = new Uint32Array(size)
  const modSeqs = new Float64Array(size)
  let at = 0
  for (const slice of slices) {
    uids.set(slice.uids, at)
    keys.set(slice.keys, at)
    modSeqs.set(slice.modSeqs, at)
    internAll(slice, flagTable, flags.subarray(at, at + slice.uids.length))
    at += slice.uids.length
    await breathe()
  }
  const { id, uidValidity, uidNext, highestModSeq } = row
  return {
    mailbox: id,
    uidValidity,
    uidNext,
    highestModSeq,
    uids,
    keys,
    flags,
    modSeqs,
    flagTable,
    token: {},
  }
}

/** Most messages have no keywords and one of few combinations of bits. */
function internAll({ bits, keywords }: SnapshotColumns, flagTable: FlagTable, into: Uint32Array): void {
  const known = new Map<number, number>()
  for (let index = 0; index < bits.length; index++) {
    const combination = bits[index] as number
    let flag = known.get(combination)
    if (flag === undefined) {
      flag = flagTable.intern(combination)
      known.set(combination, flag)
    }
    into[index] = flag
  }
  for (const [index, words] of keywords) into[index] = flagTable.intern(bits[index] as number, words)
}
