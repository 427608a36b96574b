import type { MailboxId, MessageKey, Uid } from './ids.ts'
import type { Mailbox, MailboxRole } from './mailbox.ts'

/** Where messages went: `from[i]` in the source became `to[i]` in the target; ascending by `from`. RFC 4315 section 3. */
export interface Transfer {
  readonly uidValidity: number
  readonly from: readonly Uid[]
  readonly to: readonly Uid[]
}

/** A message that a client puts into a mailbox. */
export interface NewMail {
  readonly bytes: Buffer
  /** Bits of mail/flags.ts. */
  readonly bits: number
  readonly keywords: readonly string[]
  /** Epoch milliseconds; undefined for now. */
  readonly internalDate: number | undefined
}

/** A change of Gmail's labels, by the names that X-GM-LABELS uses: `\Inbox`, `\Starred`, `Work/Projects`. */
export interface LabelChange {
  readonly mode: 'replace' | 'add' | 'remove'
  readonly labels: readonly string[]
}

/**
 * What a person does to mail besides flags. Everything is done at Gmail, committed and published when a promise resolves, in
 * as few calls as possible (one for up to 1,000 messages). Messages that are gone meanwhile are left out, never an error.
 * Methods throw MailError: `cannot` for what the map from Gmail to IMAP forbids (design.md section 3), `not-permitted` for what
 * the granted scope does not allow.
 */
export interface MailstoreWriting {
  /** Adds the target's label; to Trash or Spam it moves (Gmail has no copies there). */
  copy(
    source: MailboxId,
    keys: readonly MessageKey[],
    target: MailboxId,
    signal: AbortSignal,
  ): Promise<Transfer>

  /** One call that takes the source's label away and adds the target's. */
  move(
    source: MailboxId,
    keys: readonly MessageKey[],
    target: MailboxId,
    signal: AbortSignal,
  ): Promise<Transfer>

  /** Takes messages out of the mailbox: by its own rule (Trash, Spam, All Mail, Sent, Drafts) or the account's expungeBehavior. */
  expunge(mailbox: MailboxId, keys: readonly MessageKey[], signal: AbortSignal): Promise<void>

  /** All or nothing as far as Gmail can: what was put in before a failure is taken out again. RFC 3502. */
  append(
    mailbox: MailboxId,
    messages: readonly NewMail[],
    signal: AbortSignal,
  ): Promise<{ readonly uidValidity: number; readonly uids: readonly Uid[] }>

  /** Octets that a message may have. RFC 7889. */
  readonly appendLimitBytes: number

  /** Makes a label; missing parents are not made. Throws MailError `already-exists`, `cannot` for names Gmail reserves. */
  createMailbox(name: string, role: MailboxRole | undefined, signal: AbortSignal): Promise<Mailbox>
  /** The label goes, its messages stay in All Mail. Throws MailError `nonexistent`, `cannot`. */
  deleteMailbox(name: string, signal: AbortSignal): Promise<void>
  /** Children too; UIDs stay. INBOX: its messages move to a new mailbox. RFC 9051 section 6.3.6. */
  renameMailbox(name: string, newName: string, signal: AbortSignal): Promise<void>
  /** Also for a name that has no mailbox (RFC 9051 section 6.3.7). */
  setSubscribed(name: string, subscribed: boolean, signal: AbortSignal): Promise<void>

  /** The labels of messages as X-GM-LABELS shows them, without that of `mailbox`. */
  labelsOf(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
  ): Promise<ReadonlyMap<MessageKey, readonly string[]>>
  changeLabels(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
    change: LabelChange,
    signal: AbortSignal,
  ): Promise<void>
}
