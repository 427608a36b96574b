import type { MailboxId } from './ids.ts'

/** Which messages no session was told of. RFC 3501 section 2.3.2. */
export interface Recents {
  /** UIDs of a mailbox, ascending. */
  of(mailbox: MailboxId): readonly number[]
  /** A session has been told of those below: they are \Recent to no other. */
  told(mailbox: MailboxId, below: number): void
}
