import type { FlagTable } from './flags.ts'
import type { MailboxId, MessageKey, ModSeq, Uid } from './ids.ts'

/**
 * One mailbox at one moment: parallel columns sorted by UID, never changed after it is made. All sessions of a
 * mailbox share it (20 octets a message); what a session has not told its client yet is the difference between
 * the snapshot it holds and the newest one. So there is no queue that a slow client could make grow.
 */
export interface MailboxSnapshot {
  readonly mailbox: MailboxId
  readonly uidValidity: number
  readonly uidNext: Uid
  readonly highestModSeq: ModSeq
  /** UIDs, strictly ascending. */
  readonly uids: Uint32Array
  /** MessageKey of each. */
  readonly keys: Uint32Array
  /** Index into `flagTable` of each. */
  readonly flags: Uint32Array
  /** MODSEQ of each. */
  readonly modSeqs: Float64Array
  readonly flagTable: FlagTable
  /** Stands for this snapshot, without holding its columns. */
  readonly token?: object | undefined
  readonly step?: SnapshotStep | undefined
}

/** How a snapshot came from another one of the same messages. */
export interface SnapshotStep {
  /** Token of that other one. */
  readonly from: object
  /** Ascending indexes; flags and MODSEQs differ nowhere else. */
  readonly indexes: Uint32Array
}

/** What happened between two snapshots of one mailbox, each list ascending by UID. */
export interface SnapshotDiff {
  /** Indexes into the newer snapshot. */
  readonly added: readonly number[]
  /** Indexes into the older snapshot. */
  readonly removed: readonly number[]
  /** Indexes into the newer snapshot: same UID, other flags or MODSEQ. */
  readonly changed: readonly number[]
}

/** The index of a UID in the snapshot, or -1. Binary search. */
export function indexOfUid(snapshot: MailboxSnapshot, wanted: number): number {
  const at = lowerBound(snapshot.uids, wanted)
  return snapshot.uids[at] === wanted ? at : -1
}

/** From here on it is quicker to look at each message once. */
const fewKeys = 8

/** Ascending indexes of those of the messages that are in the snapshot. */
export function indexesOfKeys({ keys: column }: MailboxSnapshot, keys: Uint32Array): Uint32Array {
  const found = new Uint32Array(keys.length)
  const from = runStart(column, keys)
  if (from !== -1) {
    for (let at = 0; at < found.length; at++) found[at] = from + at
    return found
  }
  let count = 0
  if (keys.length < fewKeys) {
    for (const key of new Set(keys)) {
      const index = column.indexOf(key)
      if (index !== -1) found[count++] = index
    }
    return found.subarray(0, count).sort()
  }
  let least = Infinity
  let greatest = 0
  for (const key of keys) {
    if (key < least) least = key
    if (key > greatest) greatest = key
  }
  const wanted = new Uint8Array(greatest - least + 1)
  for (const key of keys) wanted[key - least] = 1
  for (let index = 0; index < column.length; index++) {
    const key = column[index] as number
    if (key >= least && key <= greatest && wanted[key - least] === 1) found[count++] = index
  }
  return found.subarray(0, count)
}

/** Where the column holds just these, one after the other, as most mailboxes hold neighbours; -1 when it does not. */
function runStart(column: Uint32Array, keys: Uint32Array): number {
  const from = keys.length === 0 ? -1 : column.indexOf(keys[0] as number)
  if (from === -1) return from
  for (let at = 1; at < keys.length; at++) if (column[from + at] !== keys[at]) return -1
  return from
}

/** `slice` takes twice as long. */
export function copyOfModSeqs(column: Float64Array): Float64Array {
  const copy = new Float64Array(column.length)
  copy.set(column)
  return copy
}

/** Where the newer differs from the older in flags and MODSEQs and nothing else, when it came from it in one step. */
export function stepBetween(older: MailboxSnapshot, newer: MailboxSnapshot): Uint32Array | undefined {
  const { step } = newer
  return step !== undefined && step.from === older.token ? step.indexes : undefined
}

/** The first index whose value is not below `wanted`; the length when all are below. The column must ascend. */
export function lowerBound(column: ArrayLike<number>, wanted: number): number {
  let low = 0
  let high = column.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((column[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** Compares by state, in one pass over both. Both must be of one mailbox and one UIDVALIDITY. */
export function diffSnapshots(older: MailboxSnapshot, newer: MailboxSnapshot): SnapshotDiff {
  const added: number[] = []
  const removed: number[] = []
  const changed: number[] = []
  if (older !== newer) {
    const oldLength = older.uids.length
    const newLength = newer.uids.length
    let i = 0
    let j = 0
    while (i < oldLength || j < newLength) {
      const oldUid = i < oldLength ? (older.uids[i] as number) : Infinity
      const newUid = j < newLength ? (newer.uids[j] as number) : Infinity
      if (oldUid < newUid) removed.push(i++)
      else if (newUid < oldUid) added.push(j++)
      else {
        if (older.flags[i] !== newer.flags[j] || older.modSeqs[i] !== newer.modSeqs[j]) changed.push(j)
        i++
        j++
      }
    }
  }
  return { added, removed, changed }
}

/** The message at an index; the index must be inside the snapshot. */
export function keyAt(snapshot: MailboxSnapshot, index: number): MessageKey {
  return snapshot.keys[index] as MessageKey
}
