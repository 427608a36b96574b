import type {
  AccountId,
  LabelId,
  MailboxId,
  MessageId,
  MessageKey,
  ModSeq,
  ThreadId,
  Uid,
} from '#mail/ids.ts'
import type { MessageSummary } from '#mail/mime/summary.ts'
import type { SaveDates } from '#mail/save-dates.ts'
import type { PoppedStore } from './popped.ts'
import type { SendStore } from './sends.ts'
import type { SubscriptionStore } from './subscriptions.ts'

/**
 * What survives a restart. Every write is one Changeset committed as one transaction: either all of it is there after a
 * kill -9 or nothing is. Reads see committed state only, which no power cut takes away. All content (summaries, headers, secrets, label names) is sealed
 * before it reaches the disk. Methods throw StoreError.
 */
export interface Store {
  accounts(): Promise<readonly AccountRow[]>
  /** Makes the account, or gives the one that is there (addresses compare without regard to letter case). */
  addAccount(address: string): Promise<AccountRow>
  /** Removes the account with everything that belongs to it. */
  removeAccount(id: AccountId): Promise<void>
  account(id: AccountId): AccountStore

  /** Sealed secrets by account and name (`grant`, …). */
  secret(account: AccountId, name: string): Promise<Buffer | undefined>
  setSecret(account: AccountId, name: string, plain: Uint8Array): Promise<void>
  removeSecret(account: AccountId, name: string): Promise<void>

  clientPasswords(account: AccountId): Promise<readonly ClientPasswordRow[]>
  /** Throws StoreError `duplicate` when the account has one of this name. */
  addClientPassword(account: AccountId, row: ClientPasswordRow): Promise<void>
  removeClientPassword(account: AccountId, name: string): Promise<boolean>
  touchClientPassword(account: AccountId, name: string, usedAt: number, from: string): Promise<void>

  /** Why nothing can be written now, in a sentence for the operator; undefined when it can. Writes, to find out. */
  writeFault(): Promise<string | undefined>
  /** Octets that all of it takes where it lies; as it was when it was asked last while it cannot be asked. */
  sizeBytes(): Promise<number>
  /** Checks the file's soundness; an empty list is a sound store. */
  check(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface AccountRow {
  readonly id: AccountId
  readonly address: string
  /** Epoch milliseconds. */
  readonly createdAt: number
}

export interface ClientPasswordRow {
  readonly name: string
  /** scrypt or SHA-256 with salt, as auth/ makes it; never the password. */
  readonly hash: string
  readonly doors: readonly ('imap' | 'pop3' | 'smtp')[]
  readonly readOnly: boolean
  readonly mailboxes: readonly string[] | undefined
  /** IMAP capabilities that are not announced to its client, in capitals. */
  readonly hiddenCapabilities?: readonly string[] | undefined
  /** Nothing may vanish under it. */
  readonly noDelete?: boolean | undefined
  /** Addresses and networks that it is good from; undefined for all. */
  readonly sources?: readonly string[] | undefined
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly expiresAt: number | undefined
  readonly usedAt: number | undefined
  readonly usedFrom: string | undefined
}

/** Where the sync stands; written in the same transaction as what it speaks of. */
export interface SyncState {
  readonly phase: 'unsynced' | 'listing' | 'catching-up' | 'live' | 'expired'
  /** Changes up to here are in the store. */
  readonly historyId: bigint | undefined
  /** The counter of the account; every commit that changes a message takes the next. */
  readonly modSeq: ModSeq
  readonly nextKey: MessageKey
  /** No UIDVALIDITY at or below this may be given again, in any account. Rises by itself with `mailboxes`. */
  readonly uidValidityMark: number
}

/** A label of Gmail as it was last read. */
export interface LabelRow {
  readonly id: LabelId
  readonly name: string
  readonly type: 'system' | 'user'
  readonly labelListVisibility: string | undefined
}

/** A mailbox that has UIDs. The row stays when its label is gone (`gone`), so that its id is never reused. */
export interface MailboxRow {
  readonly id: MailboxId
  /** `ALL` for All Mail. */
  readonly labelId: LabelId
  readonly uidValidity: number
  readonly uidNext: Uid
  /** MODSEQ of the last change in it. */
  readonly highestModSeq: ModSeq
  /** Its first listing is finished: it may be selected. */
  readonly whole: boolean
  readonly subscribed: boolean
  readonly gone: boolean
}

/** Flags are bits of mail/flags.ts without \Deleted, which belongs to a membership. */
export interface MessageRow {
  readonly key: MessageKey
  readonly messageId: MessageId
  readonly threadId: ThreadId
  readonly bits: number
  readonly keywords: readonly string[]
  readonly modSeq: ModSeq
  /** Its one raw get was made. */
  readonly hydrated: boolean
}

/** A message in a mailbox. */
export interface MembershipRow {
  readonly mailbox: MailboxId
  readonly uid: Uid
  readonly key: MessageKey
  readonly deleted: boolean
}

/** Rows of one mailbox in UID order as columns; `modSeqs` is the larger of the message's and the membership's. */
export interface SnapshotColumns {
  readonly uids: Uint32Array
  readonly keys: Uint32Array
  /** All bits, \Deleted included. */
  readonly bits: Uint32Array
  readonly modSeqs: Float64Array
  /** Free keywords of those messages that have any, by index. */
  readonly keywords: ReadonlyMap<number, readonly string[]>
}

/** What the one raw get of a message gave, bytes apart. */
export interface MessageContent {
  readonly key: MessageKey
  readonly internalDate: number
  readonly sizeBytes: number
  readonly snippet: string
  readonly summary: MessageSummary
  readonly header: Buffer
  /** See mail/mime/text-sieve.ts; undefined for a text that is too long for one. */
  readonly sieve?: Buffer | undefined
}

/** Content as it is read back; `header` only when asked for. */
export interface StoredContent extends Omit<MessageContent, 'header' | 'sieve'> {
  readonly messageId: MessageId
  readonly threadId: ThreadId
  readonly header: Buffer | undefined
}

/** Where the listing of one label stands. Survives a kill. */
export interface ListingRow {
  readonly labelId: LabelId
  /** Token of the next page; undefined before the first page. */
  readonly pageToken: string | undefined
  /** `paging`: pages come in; `reconciling`: all ids are staged, UIDs are being given; `done`. */
  readonly stage: 'paging' | 'reconciling' | 'done'
  /** Ids staged so far. */
  readonly staged: number
}

/** `inverted`: the label stands for the absence of the bit, as UNREAD does for \Seen. */
export interface BitSense {
  readonly inverted?: boolean
}

export interface StagedRef {
  readonly messageId: MessageId
  readonly threadId: ThreadId
}

/**
 * What is known better of a message than from the pages of a label's listing, earlier and later ones: whether it is listed. It
 * is forgotten with the staging of the label.
 */
export interface Correction {
  readonly labelId: LabelId
  readonly ref: StagedRef
  readonly listed: boolean
}

/** See mail/save-dates.ts. `at`: epoch milliseconds, undefined when it is not known. */
export interface SavedRow {
  readonly mailbox: MailboxId
  readonly uid: Uid
  readonly at: number | undefined
}

/** Epoch milliseconds without those after the second: clients are told seconds, so that what comes in one is one row. */
export function savedToTheSecond(nowMs: number): number {
  return nowMs - (nowMs % 1000)
}

/** The same change of bits for many messages. Bits as in a MessageRow. */
export interface Mark {
  /** Ascending. */
  readonly keys: Uint32Array
  /** Set, after those of `remove` were cleared. */
  readonly add: number
  readonly remove: number
  readonly modSeq: ModSeq
}

/** One transaction. Everything in it is stated as the state after it, so that repeating it changes nothing. */
export interface Changeset {
  readonly sync?: Partial<SyncState>
  /** Replaces the whole list. */
  readonly labels?: readonly LabelRow[]
  /** Inserted or replaced by id. */
  readonly mailboxes?: readonly MailboxRow[]
  readonly newMessages?: readonly MessageRow[]
  /** Bits, keywords and MODSEQ of known messages. */
  readonly flags?: readonly Pick<MessageRow, 'key' | 'bits' | 'keywords' | 'modSeq'>[]
  /** Happens after `flags`. */
  readonly marks?: readonly Mark[]
  readonly join?: readonly { mailbox: MailboxId; uid: Uid; key: MessageKey; modSeq: ModSeq }[]
  /** Removed from the mailbox and remembered as vanished. Happens before `join`. */
  readonly leave?: readonly { mailbox: MailboxId; uid: Uid; modSeq: ModSeq }[]
  readonly deleted?: readonly { mailbox: MailboxId; uid: Uid; deleted: boolean; modSeq: ModSeq }[]
  /**
   * From which UID on messages came into the mailbox at this time. Left out: those that join came now or, in a mailbox that is
   * not whole, nobody knows when.
   */
  readonly saved?: readonly SavedRow[]
  /** Messages that ceased to exist; their memberships must be in `leave`. */
  readonly forget?: readonly MessageKey[]
  /** Content of a message that is not (or no longer) known is left out. */
  readonly content?: readonly MessageContent[]
  readonly listings?: readonly ListingRow[]
  /** Appends ids to a label's staging, in Gmail's order (newest first). */
  readonly stage?: readonly { labelId: LabelId; refs: readonly StagedRef[] }[]
  /** Happens before `stage`. */
  readonly corrections?: readonly Correction[]
  /** Empties the staging of these labels; what else is said of it happens afterwards. */
  readonly unstage?: readonly LabelId[]
  /** Drops all rows of these mailboxes (memberships and vanished) that were there before this commit. */
  readonly dropMailboxes?: readonly MailboxId[]
  /**
   * It gives nothing that must never be given again, and Gmail has what it says, or it is a flag: a power cut (no kill) may take it
   * away, whole and with all that came after it. docs/decisions/0014-flags-do-not-wait.md.
   */
  readonly mayLag?: boolean
}

/** One account's part of the store. One writer at a time is the account's own duty. */
export interface AccountStore {
  /** What POP3 sessions are done with. */
  readonly popped: PoppedStore
  /** What was sent, so that nothing is sent twice. */
  readonly sends: SendStore
  readonly subscriptions: SubscriptionStore

  commit(changes: Changeset): Promise<void>

  sync(): Promise<SyncState>
  /** As in SyncState; other accounts raise it too. */
  readonly uidValidityMark: number
  labels(): Promise<readonly LabelRow[]>
  mailboxes(): Promise<readonly MailboxRow[]>
  listings(): Promise<readonly ListingRow[]>

  /** At most `limit` rows with UID from `fromUid` up. */
  snapshot(mailbox: MailboxId, fromUid: number, limit: number): Promise<SnapshotColumns>
  count(mailbox: MailboxId): Promise<{
    messages: number
    unseen: number
    deleted: number
    /** Undefined while some message is not hydrated. */
    sizeBytes: number | undefined
  }>
  messagesById(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, MessageRow>>
  messagesByKey(keys: readonly MessageKey[]): Promise<ReadonlyMap<MessageKey, MessageRow>>
  /** Gmail's ids of those that exist. `keys` ascends. */
  messageIds(keys: Uint32Array): Promise<ReadonlyMap<MessageKey, MessageId>>
  memberships(keys: readonly MessageKey[]): Promise<readonly MembershipRow[]>
  /** The mailboxes that have any of these messages. `keys` ascends. */
  mailboxesOf(keys: Uint32Array): Promise<readonly MailboxId[]>
  /** Content of those that are hydrated, in the order of `keys`. `header: false` leaves it undefined. */
  content(keys: readonly MessageKey[], options: { header: boolean }): Promise<readonly StoredContent[]>
  /** Text sieves of those that have one. */
  sieves(keys: readonly MessageKey[]): Promise<ReadonlyMap<MessageKey, Buffer>>
  /** Not hydrated messages, newest (highest Gmail id) first, below `beforeId` when given. */
  unhydrated(limit: number, beforeId?: MessageId): Promise<readonly MessageRow[]>
  hydration(): Promise<{ readonly messages: number; readonly hydrated: number }>
  vanished(mailbox: MailboxId, since: ModSeq): Promise<readonly Uid[]>
  saveDates(mailbox: MailboxId): Promise<SaveDates>

  /** Staged ids of a label that are not in the mailbox, oldest first, with the key where the message is known. */
  stagedNotJoined(
    labelId: LabelId,
    mailbox: MailboxId,
    limit: number,
  ): Promise<readonly (StagedRef & { key: MessageKey | undefined })[]>
  /** Members of the mailbox whose message is not staged, by UID from `fromUid` up. */
  joinedNotStaged(
    labelId: LabelId,
    mailbox: MailboxId,
    fromUid: number,
    limit: number,
  ): Promise<readonly MembershipRow[]>
  /**
   * Staged messages that lack the bit; unknown ones count as lacking it and have neither `key` nor bits. With
   * `inverted` (UNREAD says that \Seen is absent) known ones that have the bit, and unknown ones.
   */
  stagedWithoutBit(
    labelId: LabelId,
    bit: number,
    limit: number,
    options?: BitSense,
  ): Promise<readonly (StagedRef & { key: MessageKey | undefined; bits: number })[]>
  /** Messages that have the bit and are not staged; with `inverted` those that lack it and are not staged. */
  bitNotStaged(
    labelId: LabelId,
    bit: number,
    limit: number,
    options?: BitSense,
  ): Promise<readonly MessageRow[]>
  /** Messages that are in no mailbox. */
  orphans(limit: number): Promise<readonly MessageKey[]>
}

export type StoreErrorKind =
  /** The disk is full or read-only. */
  | 'disk'
  /** The file is damaged; the message says where and what to do. */
  | 'damaged'
  /** There is one already: a name, a UID that is another message's, a message that is in the mailbox. */
  | 'duplicate'
  /** The database server cannot be reached, or not be written to; temporary, and nothing was changed. */
  | 'unreachable'
  /** Another Postern has it open. */
  | 'locked'
  /** Sealed under another key. */
  | 'wrong-key'
  /** Made by a newer Postern than this one. */
  | 'newer'
  /** The account was removed while it was being worked for. */
  | 'no-account'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly kind: StoreErrorKind
  /** Whether it was committed will be known later: until then every write is refused. Say the same Changeset again then. */
  readonly inDoubt: boolean

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions & { inDoubt?: boolean }) {
    super(message, options)
    this.kind = kind
    this.inDoubt = options?.inDoubt === true
  }
}
