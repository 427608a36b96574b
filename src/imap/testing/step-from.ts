import type { MailboxSnapshot, SnapshotStep } from '#mail/snapshot.ts'

/** How a snapshot came from the one before it, as a real account tells it. */
export function stepFrom(
  before: MailboxSnapshot | undefined,
  after: MailboxSnapshot,
): SnapshotStep | undefined {
  if (before?.token === undefined || before.uidValidity !== after.uidValidity) return undefined
  if (before.uids.join() !== after.uids.join()) return undefined
  const indexes = after.uids.map((_, index) => index)
  return {
    from: before.token,
    indexes: indexes.filter(
      (i) => before.flags[i] !== after.flags[i] || before.modSeqs[i] !== after.modSeqs[i],
    ),
  }
}
