import type { FlagTable } from './flags.ts'
import type { MailboxId, MessageId, MessageKey, ThreadId, Uid, ModSeq } from './ids.ts'
import type { Mailbox, MailboxStatus } from './mailbox.ts'
import type { MailstoreNews } from './mailstore-news.ts'
import type { MessageSummary } from './mime/summary.ts'
import type { Recents } from './recent.ts'
import type { SaveDates } from './save-dates.ts'
import type { MailboxSnapshot } from './snapshot.ts'
import type { TextFinding, TextPlace } from './text-findings.ts'
import type { MailstoreWriting } from './writing.ts'

/** What is known of a message from the index alone; immutable for the life of the message. */
export interface MessageRecord {
  readonly key: MessageKey
  readonly messageId: MessageId
  readonly threadId: ThreadId
  /** When Gmail received it, epoch milliseconds. */
  readonly internalDate: number
  readonly summary: MessageSummary
  /** The header block up to and including the empty line, or its common fields; only as far as asked for. */
  readonly header: Buffer | undefined
}

/**
 * How much of a message a reader wants of `header`: with `summary` nothing, with `fields` at least the fields of
 * mime/common-fields.ts, which cost little, with `header` all of it.
 */
export type RecordDepth = 'summary' | 'fields' | 'header'

/** Asked of Gmail's own search for messages whose text is not held here. All given must match. */
export interface SearchHint {
  readonly field:
    | 'from'
    | 'to'
    | 'cc'
    | 'bcc'
    | 'subject'
    | 'text'
    | 'since'
    | 'before'
    | 'larger'
    | 'smaller'
    | 'gmail'
  /** Text; epoch milliseconds for since and before, octets for larger and smaller, as decimal digits. */
  readonly value: string
}

/** A mailbox that a session has selected. Close it when the session leaves. */
export interface OpenMailbox {
  readonly mailbox: Mailbox
  /** The newest state; the same object until something changes. */
  snapshot(): MailboxSnapshot
  /**
   * Calls back after every commit that changed the snapshot, and once with `gone` when the mailbox ceased to exist or
   * its UIDVALIDITY changed. Returns the way to stop. Listeners must not throw and do no work beyond waking somebody.
   */
  onChange(listener: (event: 'changed' | 'gone') => void): () => void
  close(): void
}

/** A change of flags: set, add or remove bits and free keywords. */
export interface FlagChange {
  readonly mode: 'replace' | 'add' | 'remove'
  readonly bits: number
  readonly keywords: readonly string[]
  /** Leaves messages alone that were modified after this. RFC 7162 section 3.1.3. */
  readonly unchangedSince?: ModSeq | undefined
}

/** A whole message. */
export interface MessageBody {
  readonly key: MessageKey
  readonly bytes: Buffer
  /** Gives the memory back, when all that is wanted of the message was written to a connection; see lent-octets.ts. */
  readonly release?: (() => void) | undefined
}

/**
 * One person's mail as the front doors see it. Everything that can be answered from the local index is, without a call
 * to Gmail; what cannot is asked for once. Methods throw MailError, and the signal's reason when aborted.
 */
export interface Mailstore extends MailstoreWriting, MailstoreNews {
  readonly address: string
  readonly flagTable: FlagTable
  /** Undefined where no message is ever \Recent. */
  readonly recents?: Recents

  /**
   * All mailboxes sorted by name. Answers from the store; waits only when the labels were never read.
   * Throws MailError rather than giving an empty list.
   */
  mailboxes(signal: AbortSignal): Promise<readonly Mailbox[]>

  /** Counts; does not need the mailbox open. Waits while its first listing is not finished. */
  status(mailbox: MailboxId, signal: AbortSignal): Promise<MailboxStatus>

  /** Waits while the mailbox's first listing is not finished (it is then put first). Never asks Gmail otherwise. */
  open(mailbox: MailboxId, signal: AbortSignal): Promise<OpenMailbox>

  /** Which of these are read already, so that `records` gives them without a call to Gmail. */
  known(keys: readonly MessageKey[]): Promise<ReadonlySet<MessageKey>>

  /**
   * For each of these texts the messages that SEARCH BODY or TEXT may find it in; the others cannot have it. From the
   * index alone: a message that is gone or not read yet may hold anything.
   */
  mayHold(
    keys: readonly MessageKey[],
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ReadonlySet<MessageKey>>>

  /** What earlier searches found out about a text, folded; a search notes there what it finds out itself. */
  finding(place: TextPlace, folded: string): TextFinding

  /**
   * Records in batches, any order: what is indexed first, in the given order, then the others as Gmail delivers them.
   * A message that no longer exists is left out. Stops working ahead when the consumer does not take more.
   */
  records(
    keys: readonly MessageKey[],
    depth: RecordDepth,
    signal: AbortSignal,
  ): AsyncIterable<readonly MessageRecord[]>

  /** As `records`, of one message that is in memory, so that nothing is waited for; undefined for any other. */
  recordAtHand?(key: MessageKey, depth: RecordDepth): MessageRecord | undefined

  /** Gmail's ids, known without reading a message. Left out when gone. */
  identities(
    keys: readonly MessageKey[],
  ): Promise<ReadonlyMap<MessageKey, { messageId: MessageId; threadId: ThreadId }>>

  /** The whole message as Gmail has it. Throws MailError `expunged` when it is gone. */
  body(key: MessageKey, signal: AbortSignal): Promise<Buffer>

  /** As `body`, of one message that is in memory, so that nothing is waited for; undefined for any other. */
  bodyAtHand?(key: MessageKey): Buffer | undefined

  /** Whole messages in batches, any order, a bounded number ahead of the consumer. One that is gone is left out. */
  bodies(keys: readonly MessageKey[], signal: AbortSignal): AsyncIterable<readonly MessageBody[]>

  /** Messages that Gmail's search gives for these hints, over the whole account. `q` matches words, not substrings. */
  candidates(hints: readonly SearchHint[], signal: AbortSignal): Promise<ReadonlySet<MessageKey>>

  /**
   * Done at Gmail when it resolves; the change also comes through the feed. Messages without a difference cost nothing.
   * Gives those that `unchangedSince` spared.
   */
  changeFlags(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
    change: FlagChange,
    signal: AbortSignal,
  ): Promise<readonly MessageKey[]>

  /** UIDs that left the mailbox after `since`, ascending. RFC 7162 section 3.2.10. */
  vanished(mailbox: MailboxId, since: ModSeq): Promise<readonly Uid[]>

  /** When messages came into the mailbox. RFC 8514. */
  saveDates(mailbox: MailboxId): Promise<SaveDates>

  /** Somebody asks whether there is anything new (NOOP, login): polls Gmail soon if the last answer is old. */
  poke(): void

  /** Whether `fresh` would resolve at once. */
  readonly isFresh?: boolean

  /** Resolves when the state is at most one poll interval old, when polling fails, or when aborted. Never throws. */
  fresh(signal: AbortSignal): Promise<void>

  /** Tells that a client is connected; polling slows down when none is. Call the returned function when it leaves. */
  attach(): () => void

  /** Set while Gmail refuses the account's grant: a sentence for the person, with where to reconnect. */
  readonly alert: string | undefined
}
