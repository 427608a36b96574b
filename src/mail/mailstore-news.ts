import type { MailboxId } from './ids.ts'

/** What happened in a mailbox: messages came or left (flags may have changed too), or only flags changed. */
export type CountsChange = 'messages' | 'flags'

/**
 * News of all mailboxes, open or not. Listeners are called after a commit, must not throw, and do no work beyond waking
 * somebody who looks at the state; each call gives the way to stop.
 */
export interface MailstoreNews {
  /** The counts of a mailbox changed that `status` answers without waiting. */
  onStatus(listener: (mailbox: MailboxId, change: CountsChange) => void): () => void
  /** Mailboxes may have come, gone, been renamed, subscribed to or not any more: `mailboxes` tells. */
  onMailboxes(listener: () => void): () => void
}
