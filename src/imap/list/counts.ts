import type { MailboxId, MessageKey } from '#mail/ids.ts'
import type { Authenticated } from '../command.ts'
import type { Counts, StatusItem } from './status-items.ts'

/** So many messages are read for a size, and no more: a whole mailbox could take half an hour of Gmail's quota. */
const readLimit = 64

/** The counts that these items want. Throws MailError. */
export async function countsFor(
  context: Authenticated,
  mailbox: MailboxId,
  items: readonly StatusItem[],
): Promise<Counts> {
  const { mailstore, signal } = context
  const { appendLimitBytes, recents } = mailstore
  const status = await mailstore.status(mailbox, signal)
  const counts = { ...status, appendLimitBytes, recent: recents?.of(mailbox).length ?? 0 }
  if (!items.includes('SIZE') || counts.sizeBytes !== undefined) return counts
  return { ...counts, sizeBytes: await mailboxSize(context, mailbox) }
}

/**
 * The sum of the sizes in a mailbox of which a few messages were not read yet: they are read now. Undefined when there are
 * many; the first synchronisation reads them all in time.
 */
async function mailboxSize(
  { mailstore, signal }: Authenticated,
  mailbox: MailboxId,
): Promise<number | undefined> {
  const open = await mailstore.open(mailbox, signal)
  try {
    const keys = [...open.snapshot().keys] as MessageKey[]
    const known = await mailstore.known(keys)
    if (keys.length - known.size > readLimit) return undefined
    let sizeBytes = 0
    for await (const batch of mailstore.records(keys, 'summary', signal))
      for (const { summary } of batch) sizeBytes += summary.sizeBytes
    return sizeBytes
  } finally {
    open.close()
  }
}
