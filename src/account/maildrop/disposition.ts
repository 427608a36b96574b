import type { PopSettings } from '#gmail/gmail.ts'
import type { LabelId } from '#mail/ids.ts'
import { systemLabel } from '../label-rules.ts'

/** What becomes of a message that a POP3 client deleted: Gmail's own four choices. */
export type Disposition = PopSettings['disposition']

/**
 * The labels that it adds and takes; both empty for one that does nothing to a message in this mailbox. In Trash there is
 * nothing left to do. Never two of INBOX, SPAM and TRASH are left on a message: fact sheet section 2.7.
 */
export function labelsOf(
  disposition: Disposition,
  mailbox: LabelId,
): { readonly add: readonly LabelId[]; readonly remove: readonly LabelId[] } {
  const { inbox, spam, trash, unread } = systemLabel
  switch (disposition) {
    case 'leaveInInbox':
      return { add: [], remove: [] }
    case 'markRead':
      return { add: [], remove: [unread] }
    case 'archive':
      return { add: [], remove: [inbox] }
    case 'trash':
      return mailbox === trash ? { add: [], remove: [] } : { add: [trash], remove: [inbox, spam] }
  }
}
