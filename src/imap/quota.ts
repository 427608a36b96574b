import type { Rights } from '#mail/doorman.ts'
import { labelLimit, type Mailbox } from '#mail/mailbox.ts'
import { imapString } from '#mail/mime/imap-text.ts'

/**
 * One root for the whole account, without a name. None for a login that may see some mailboxes only: it makes no
 * others, and how many there are is not for it. RFC 9208 section 3.2.
 */
export function quotaRootsOf(rights: Rights): readonly string[] {
  return rights.mailboxes === undefined ? [''] : []
}

/** Whether a mailbox counts. All Mail does not: it is no label. */
export function isCounted({ labelId }: Mailbox): boolean {
  return labelId !== undefined
}

/**
 * The untagged QUOTA line: of Gmail's labels those that are mailboxes, and how many there can be. Nothing of STORAGE
 * or MESSAGE, since no method of Gmail tells them. RFC 9208 sections 4.2.1 and 5.3.
 */
export function quotaLine(root: string, mailboxes: readonly Mailbox[]): string {
  const used = mailboxes.filter(isCounted).length
  return `* QUOTA ${imapString(root)} (MAILBOX ${used} ${labelLimit})\r\n`
}
