import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { Mailbox } from '#mail/mailbox.ts'
import type { NumberSet } from '#mail/number-set.ts'
import type { ContextBook } from './context/context-book.ts'
import type { RecentMessages } from './recent.ts'

/**
 * One session's picture of its selected mailbox: exactly what the client has been told. Sequence number n is index n - 1
 * of `told`. Only `sync` (in the server's hands) moves it on.
 */
export interface View {
  readonly mailbox: Mailbox
  readonly readOnly: boolean
  /** What the client knows; replaced, never changed. */
  readonly told: MailboxSnapshot
  /** Indexes into `told`, ascending, of a set of sequence numbers. Throws ProtocolError for a number beyond the last. */
  indexesOfSeqs(set: NumberSet): Uint32Array
  /** Indexes into `told`, ascending, of a set of UIDs; UIDs that are not there are left out. */
  indexesOfUids(set: NumberSet): Uint32Array
  /** The UIDs that `$` stands for, ascending. RFC 5182. */
  saved: Uint32Array
  /** The searches that are kept up to date. RFC 5267. */
  readonly contexts: ContextBook
  readonly recent: RecentMessages
}
