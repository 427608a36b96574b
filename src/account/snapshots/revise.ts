import type { FlagTable } from '#mail/flags.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import { copyOfModSeqs, indexesOfKeys, indexOfUid } from '#mail/snapshot.ts'
import type { MailboxRow, Mark } from '#store/store.ts'
import type { MailboxChange } from '../entry.ts'

/**
 * The snapshot after a commit. The old one stays as it is; columns that did not change are shared. UIDs that join are
 * above all others, so they go at the end.
 */
export function reviseSnapshot(
  old: MailboxSnapshot,
  row: Pick<MailboxRow, 'uidNext' | 'highestModSeq' | 'uidValidity'>,
  change: MailboxChange,
  flagTable: FlagTable,
): MailboxSnapshot {
  const { uidNext, highestModSeq, uidValidity } = row
  let { uids, keys, flags, modSeqs } = old
  let changed: Uint32Array[] | undefined = []
  if (change.flags.size > 0 || change.marks.length > 0) {
    flags = flags.slice()
    modSeqs = copyOfModSeqs(modSeqs)
    for (const mark of change.marks) changed.push(applyMark(old, mark, { flags, modSeqs, flagTable }))
    for (const [uid, { bits, keywords }] of change.flags) {
      const index = indexOfUid(old, uid)
      if (index === -1) continue
      changed.push(Uint32Array.of(index))
      flags[index] = flagTable.intern(bits, keywords)
      modSeqs[index] = highestModSeq
    }
  }
  if (change.left.size > 0 || change.joined.length > 0) {
    changed = undefined
    const leaving = indexesOf(old, change.left)
    const size = old.uids.length - leaving.length + change.joined.length
    uids = keep(uids, leaving, new Uint32Array(size))
    keys = keep(keys, leaving, new Uint32Array(size))
    flags = keep(flags, leaving, new Uint32Array(size))
    modSeqs = keep(modSeqs, leaving, new Float64Array(size))
    let at = size - change.joined.length
    for (const { uid, key, bits, keywords } of change.joined) {
      uids[at] = uid
      keys[at] = key
      flags[at] = flagTable.intern(bits, keywords)
      modSeqs[at] = highestModSeq
      at++
    }
  }
  const revised = {
    mailbox: old.mailbox,
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
  if (changed === undefined || old.token === undefined) return revised
  return { ...revised, step: { from: old.token, indexes: together(changed) } }
}

/** Of lists that ascend, one that does. */
function together(lists: readonly Uint32Array[]): Uint32Array {
  const [first] = lists
  return lists.length === 1 && first !== undefined
    ? first
    : Uint32Array.from(new Set(lists.flatMap((list) => [...list]))).sort()
}

/** Which messages have the mark. Most have one of few combinations of flags. */
function applyMark(
  old: MailboxSnapshot,
  { keys, add, remove, modSeq }: Mark,
  { flags, modSeqs, flagTable }: Pick<MailboxSnapshot, 'flags' | 'modSeqs' | 'flagTable'>,
): Uint32Array {
  const known = new Map<number, number>()
  const indexes = indexesOfKeys(old, keys)
  for (const index of indexes) {
    const before = flags[index] as number
    let after = known.get(before)
    if (after === undefined) {
      const { bits, keywords } = flagTable.get(before)
      after = flagTable.intern((bits & ~remove) | add, keywords)
      known.set(before, after)
    }
    flags[index] = after
    modSeqs[index] = modSeq
  }
  return indexes
}

/** Ascending indexes of the UIDs that are there. */
function indexesOf(snapshot: MailboxSnapshot, uids: ReadonlySet<number>): number[] {
  return [...uids]
    .map((uid) => indexOfUid(snapshot, uid))
    .filter((index) => index !== -1)
    .sort((a, b) => a - b)
}

/** Copies the column without the entries at `leaving`, run by run. */
function keep<Column extends Uint32Array | Float64Array>(
  from: Column,
  leaving: readonly number[],
  to: Column,
): Column {
  let read = 0
  let write = 0
  for (const index of [...leaving, from.length]) {
    to.set(from.subarray(read, index), write)
    write += index - read
    read = index + 1
  }
  return to
}
