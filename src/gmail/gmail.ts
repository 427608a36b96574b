import type { LabelId, MessageId, ThreadId } from '#mail/ids.ts'

/** Who waits: a person, the sync, a client that downloads everything, or nobody yet. First come, first served within a lane. */
export type Lane = 'person' | 'sync' | 'bulk' | 'prefetch'

/** Every unit spent is attributed to a cause: `first-sync`, `poll`, `hydrate`, `fetch`, `search`, `flags`, … */
export interface CallOptions {
  readonly lane: Lane
  readonly cause: string
  readonly signal?: AbortSignal
}

/** Fact sheet section 2.11. */
export interface Profile {
  readonly address: string
  readonly messagesTotal: number
  readonly historyId: bigint
}

/** Fact sheet section 2.9. */
export interface Label {
  readonly id: LabelId
  readonly name: string
  readonly type: 'system' | 'user'
  /** labelHide and the like; undefined where Gmail leaves it out. */
  readonly labelListVisibility: string | undefined
}

export interface LabelCounts {
  /** Undefined where Gmail does not tell. */
  readonly messagesTotal: number | undefined
}

export interface MessageRef {
  readonly id: MessageId
  readonly threadId: ThreadId
}

/** One page, newest first as far as Gmail keeps order (fact sheet section 2.2). */
export interface MessagePage {
  readonly messages: readonly MessageRef[]
  readonly nextPageToken: string | undefined
}

interface MessageQuery {
  readonly labelIds?: readonly LabelId[]
  readonly q?: string
  readonly includeSpamTrash?: boolean
  readonly pageToken?: string
}

/** messages.get with format=raw: the one call that is ever made for a message's content. */
export interface RawMessage extends MessageRef {
  readonly labelIds: readonly LabelId[]
  /** Epoch milliseconds. */
  readonly internalDate: number
  /** Plain text, already unescaped. */
  readonly snippet: string
  /** The message exactly as Gmail has it. */
  readonly bytes: Buffer
}

/** One thing that happened to one message. Fact sheet section 2.10. */
export type HistoryEvent =
  | {
      readonly kind: 'added'
      readonly message: MessageRef
      readonly labelIds: readonly LabelId[] | undefined
    }
  | { readonly kind: 'deleted'; readonly message: MessageRef }
  | {
      readonly kind: 'labels-added' | 'labels-removed'
      readonly message: MessageRef
      /** Undefined where Gmail does not say which. */
      readonly labelIds: readonly LabelId[] | undefined
      /** All labels of the message after this, where Gmail tells them. */
      readonly current?: readonly LabelId[]
    }

export interface HistoryPage {
  /** In the order in which they happened. */
  readonly events: readonly HistoryEvent[]
  readonly nextPageToken: string | undefined
  /** The mailbox's current history id; keep it only from the page without nextPageToken. */
  readonly historyId: bigint
}

/** settings.getImap. Fact sheet section 2.12. */
export interface ImapSettings {
  readonly autoExpunge: boolean
  readonly expungeBehavior: 'archive' | 'trash' | 'deleteForever'
}

/** settings.getPop. Fact sheet section 2.12. */
export interface PopSettings {
  readonly accessWindow: 'disabled' | 'fromNowOn' | 'allMail'
  /** What becomes of a message that a POP client has fetched. */
  readonly disposition: 'leaveInInbox' | 'archive' | 'trash' | 'markRead'
}

/** An address that may stand in From. Fact sheet section 2.12. */
export interface SendAs {
  readonly address: string
  readonly displayName: string
  readonly isPrimary: boolean
  readonly isDefault: boolean
  /** The primary is; an alias once its owner has agreed. Gmail replaces any other by the primary. */
  readonly verified: boolean
}

/** A message that Gmail has just taken in. */
export interface StoredMessage extends MessageRef {
  readonly labelIds: readonly LabelId[]
}

export interface Draft {
  /** Gmail's id of the draft: `r` and a number. Stays when the draft is updated. */
  readonly draftId: string
  /** Its message, another one after each update. */
  readonly message: MessageRef
}

export interface DraftPage {
  readonly drafts: readonly Draft[]
  readonly nextPageToken: string | undefined
}

interface InsertedMessage {
  readonly bytes: Buffer
  /** Without any the message is archived and read. */
  readonly labelIds: readonly LabelId[]
  /** Gmail's own default for insert is receivedTime. */
  readonly internalDate?: 'dateHeader' | 'receivedTime'
  readonly threadId?: ThreadId
}

/** What the account may still spend. */
export interface BudgetState {
  readonly unitsPerMinute: number
  readonly availableUnits: number
  /** Calls that wait, by lane. */
  readonly waiting: Readonly<Record<Lane, number>>
  readonly inFlight: number
  /** Milliseconds until calls may start again after a 429 or 403; 0 when not held back. */
  readonly heldMs: number
}

/** One line of the ledger: what was spent on what. */
export interface Spending {
  readonly method: string
  readonly cause: string
  readonly calls: number
  readonly units: number
}

/**
 * One mailbox of Gmail as typed functions. They are repeated after 429, quota 403 and 5xx with back-off until the signal
 * is aborted or patience ends; each throws GmailError, GrantError (mail/errors.ts) or the signal's reason.
 * Those marked *once* make something new each time Gmail gets them. They are repeated only when Gmail surely did nothing
 * (quota, no connection); an answer that was lost ends them at once with `maybeDone`: look before doing it again. An abort
 * while such a call is under way leaves it just as open.
 */
export interface Gmail extends GmailReading, GmailWriting, GmailDrafts, GmailWatching {
  budget(): BudgetState
  /** All units spent since the start, by method and cause. */
  ledger(): readonly Spending[]
}

export interface GmailReading {
  profile(options: CallOptions): Promise<Profile>
  labels(options: CallOptions): Promise<readonly Label[]>
  labelCounts(id: LabelId, options: CallOptions): Promise<LabelCounts>
  /** 500 a page. */
  listMessages(query: MessageQuery, options: CallOptions): Promise<MessagePage>
  /** Callers that want the same message at once share one call; it runs in the most urgent lane of them. */
  rawMessage(id: MessageId, options: CallOptions): Promise<RawMessage>
  /** 500 records a page. Throws GmailError `history-expired` when Gmail has forgotten `start`. */
  history(start: bigint, pageToken: string | undefined, options: CallOptions): Promise<HistoryPage>
  imapSettings(options: CallOptions): Promise<ImapSettings>
  popSettings(options: CallOptions): Promise<PopSettings>
  /** The primary address should be among them. */
  sendAs(options: CallOptions): Promise<readonly SendAs[]>
}

export interface GmailWriting {
  /**
   * Adds and removes labels on any number of messages for the least units: single modifies where cheaper, else
   * batchModify by 1,000. Not atomic across calls: throws after the first call that failed for good.
   */
  modify(
    ids: readonly MessageId[],
    change: { readonly add?: readonly LabelId[]; readonly remove?: readonly LabelId[] },
    options: CallOptions,
  ): Promise<void>
  /**
   * Removes messages for ever, for the least units; one that is gone already is no error. Needs the scope
   * https://mail.google.com/, else GmailError `forbidden`. Not atomic across calls.
   */
  deleteMessages(ids: readonly MessageId[], options: CallOptions): Promise<void>
  /** *Once.* GmailError `conflict` when there is one of that name, `invalid` when Gmail does not take the name. */
  createLabel(name: string, options: CallOptions): Promise<Label>
  /** Of this one label: labels nested in it keep their names. Errors as createLabel. */
  renameLabel(id: LabelId, name: string, options: CallOptions): Promise<Label>
  /** Takes it off all messages. One that is gone already is no error. */
  deleteLabel(id: LabelId, options: CallOptions): Promise<void>
  /** *Once.* messages.insert: like IMAP APPEND. Gmail adds SENT by itself when From is the account. */
  insertMessage(message: InsertedMessage, options: CallOptions): Promise<StoredMessage>
  /** *Once.* Goes to those whom To, Cc and Bcc name; Gmail knows no other envelope. */
  sendMessage(
    bytes: Buffer,
    thread: { readonly threadId?: ThreadId },
    options: CallOptions,
  ): Promise<StoredMessage>
}

export interface GmailWatching {
  /**
   * Has Gmail tell of every change of the mailbox to a Pub/Sub topic, `projects/P/topics/T`, for seven days; a first notice
   * goes out at once. GmailError `invalid` for a topic that is not the OAuth client's own project's, or while the mailbox is
   * watched with another one.
   */
  watch(topic: string, options: CallOptions): Promise<{ readonly expiresAt: number }>
}

export interface GmailDrafts {
  /** 500 a page. */
  listDrafts(pageToken: string | undefined, options: CallOptions): Promise<DraftPage>
  /** GmailError `not-found` when it was sent or deleted. */
  draft(draftId: string, options: CallOptions): Promise<Draft>
  /** *Once.* */
  createDraft(bytes: Buffer, options: CallOptions): Promise<Draft>
  updateDraft(draftId: string, bytes: Buffer, options: CallOptions): Promise<Draft>
  /** For ever, not to Trash. One that is gone already is no error. */
  deleteDraft(draftId: string, options: CallOptions): Promise<void>
  /** *Once.* The draft is gone then, and the message another one. GmailError `not-found` when it is gone already. */
  sendDraft(draftId: string, options: CallOptions): Promise<StoredMessage>
}

export type GmailErrorKind =
  /** 404 */
  | 'not-found'
  /** 404 of history.list */
  | 'history-expired'
  /** 403 for a scope that was not granted, or by the domain's policy */
  | 'forbidden'
  /** 400: our request was wrong */
  | 'invalid'
  /** 409: there is a label of that name already */
  | 'conflict'
  /** Quota kept refusing for longer than we wait; see retryAfterMs */
  | 'throttled'
  /** No connection, 5xx, or an answer that makes no sense, for longer than we wait */
  | 'unavailable'

/** Gmail says no. `message` is ours; Google's text is in `detail`, for the log only. */
export class GmailError extends Error {
  override readonly name = 'GmailError'
  readonly kind: GmailErrorKind
  readonly status: number | undefined
  readonly reason: string | undefined
  readonly detail: string | undefined
  readonly retryAfterMs: number | undefined
  /** Of a call that is made once: Gmail may have done it, the answer is lost. */
  readonly maybeDone: boolean

  constructor(
    kind: GmailErrorKind,
    message: string,
    fields: {
      status?: number
      reason?: string
      detail?: string
      retryAfterMs?: number
      maybeDone?: boolean
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: fields.cause })
    this.kind = kind
    this.status = fields.status
    this.reason = fields.reason
    this.detail = fields.detail
    this.retryAfterMs = fields.retryAfterMs
    this.maybeDone = fields.maybeDone ?? false
  }
}
