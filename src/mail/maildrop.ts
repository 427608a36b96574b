import type { MailboxId, MessageKey } from './ids.ts'

/** What a POP3 session did to its maildrop; it takes effect with QUIT, all of it or nothing. RFC 1939 section 6. */
export interface MaildropChange {
  /** Handed out whole (RETR). */
  readonly retrieved: readonly MessageKey[]
  /** Marked by DELE; may be among the retrieved as well. */
  readonly deleted: readonly MessageKey[]
}

/** What POP3 needs of one person's mail beyond `Mailstore`. Methods throw MailError, and the signal's reason when aborted. */
export interface MaildropKeeper {
  /**
   * Those that earlier sessions are done with: `deleted` ones, or `retrieved` ones, which the deleted are counted among. A
   * message that DELE left in its mailbox, because the account wants it so, is told from a new one by this alone.
   */
  popped(keys: readonly MessageKey[], how: 'retrieved' | 'deleted'): Promise<ReadonlySet<MessageKey>>

  /**
   * Disposes of what was deleted as the account's own POP setting says (leave, archive, trash, mark read), or as the
   * operator decided instead, in one bulk call; then remembers what was retrieved and deleted. When it throws, nothing is
   * remembered and the same change may be tried again.
   */
  update(mailbox: MailboxId, change: MaildropChange, signal: AbortSignal): Promise<void>

  /** Reads these ahead, in this order, for the session that comes next. Does not wait; a later call replaces what is left. */
  prefetch(keys: readonly MessageKey[]): void
}
