import { FlagBit } from '#mail/flags.ts'
import { mailboxId, messageKey, modSeq, uid } from '#mail/ids.ts'
import type { LabelId, MailboxId, MessageKey, ModSeq, Uid } from '#mail/ids.ts'
import type {
  Changeset,
  Correction,
  LabelRow,
  ListingRow,
  MailboxRow,
  Mark,
  MembershipRow,
  MessageContent,
  MessageRow,
  StagedRef,
  SyncState,
} from '#store/store.ts'

/** What the account knows by heart: small, whatever the number of messages. */
export interface Standing {
  readonly sync: SyncState
  readonly labels: readonly LabelRow[]
  readonly mailboxes: ReadonlyMap<MailboxId, MailboxRow>
  readonly listings: ReadonlyMap<LabelId, ListingRow>
}

/** What a commit does to the rows of one mailbox. */
export interface MailboxChange {
  readonly joined: { uid: Uid; key: MessageKey; bits: number; keywords: readonly string[] }[]
  readonly left: Set<Uid>
  /** New bits (\Deleted included) and keywords by UID. */
  readonly flags: Map<Uid, { bits: number; keywords: readonly string[] }>
  /** Of messages some of which are in it; before `flags`. */
  readonly marks: Mark[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Flagged = Pick<MessageRow, 'key' | 'bits' | 'keywords'>

/**
 * One commit in the making. It gives keys, UIDs and the MODSEQ from copies of the account's counters, so that nothing
 * has happened until the store has it. All changes of one entry share one MODSEQ (RFC 7162 section 3.1.2 permits it).
 */
export class Entry {
  readonly #standing: Standing
  readonly #mailboxes = new Map<MailboxId, Mutable<MailboxRow>>()
  readonly #changes = new Map<MailboxId, MailboxChange>()
  #sync: Partial<Mutable<SyncState>> = {}
  #nextKey: number
  #uidValidityMark: number
  #nextMailbox: number
  #labels: readonly LabelRow[] | undefined
  readonly #newMessages: MessageRow[] = []
  readonly #marks: Mark[] = []
  readonly #flags = new Map<MessageKey, MessageRow | (Flagged & { modSeq: ModSeq })>()
  readonly #join: NonNullable<Changeset['join']>[number][] = []
  readonly #leave: NonNullable<Changeset['leave']>[number][] = []
  readonly #deleted: NonNullable<Changeset['deleted']>[number][] = []
  readonly #left = new Set<MessageKey>()
  readonly #forget = new Set<MessageKey>()
  readonly #content: MessageContent[] = []
  readonly #listings = new Map<LabelId, ListingRow>()
  readonly #stage: { labelId: LabelId; refs: readonly StagedRef[] }[] = []
  readonly #corrections: Correction[] = []
  readonly #unstage = new Set<LabelId>()
  readonly #drop = new Set<MailboxId>()
  #mayLag = true

  constructor(standing: Standing) {
    this.#standing = standing
    this.#nextKey = standing.sync.nextKey
    this.#uidValidityMark = standing.sync.uidValidityMark
    this.#nextMailbox = Math.max(0, ...standing.mailboxes.keys()) + 1
  }

  /** Rows of mailboxes, by id, for the snapshots. */
  get changes(): ReadonlyMap<MailboxId, MailboxChange> {
    return this.#changes
  }

  /** How many messages join mailboxes. */
  get joins(): number {
    return this.#join.length
  }

  /** Whether rows of messages or mailboxes are changed, and not only content or the sync's own notes. */
  get touchesMessages(): boolean {
    return this.#sync.modSeq !== undefined || this.#mailboxes.size > 0
  }

  /** Messages whose flags or mailboxes change; some more than once. */
  *touched(): Generator<MessageKey> {
    yield* this.#flags.keys()
    for (const { keys } of this.#marks) yield* keys as Iterable<MessageKey>
    for (const { key } of this.#join) yield key
    yield* this.#left
    yield* this.#forget
  }

  setSync(fields: Partial<Pick<SyncState, 'phase' | 'historyId'>>): void {
    if (fields.phase !== undefined) this.#mayLag = false
    Object.assign(this.#sync, fields)
  }

  setLabels(labels: readonly LabelRow[]): void {
    this.#mayLag = false
    this.#labels = labels
  }

  /** A message that is not in the store yet. */
  addMessage(ref: StagedRef, bits: number, keywords: readonly string[] = []): Flagged {
    this.#mayLag = false
    const row: MessageRow = {
      key: messageKey(this.#nextKey++),
      messageId: ref.messageId,
      threadId: ref.threadId,
      bits,
      keywords,
      modSeq: this.#modSeq(),
      hydrated: false,
    }
    this.#newMessages.push(row)
    return row
  }

  join(mailbox: MailboxId, message: Flagged): Uid {
    this.#mayLag = false
    const row = this.#change(mailbox)
    const given = row.uidNext
    row.uidNext = uid(given + 1)
    this.#join.push({ mailbox, uid: given, key: message.key, modSeq: row.highestModSeq })
    const { key, bits, keywords } = message
    this.#rows(mailbox).joined.push({ uid: given, key, bits: bits & ~FlagBit.deleted, keywords })
    return given
  }

  leave({ mailbox, uid: leaving, key }: Omit<MembershipRow, 'deleted'>): void {
    if (this.#standing.mailboxes.get(mailbox)?.gone === true) return
    this.#left.add(key)
    const row = this.#change(mailbox)
    this.#leave.push({ mailbox, uid: leaving, modSeq: row.highestModSeq })
    this.#rows(mailbox).left.add(leaving)
  }

  /** New bits and keywords of a message that is in these mailboxes (the ones it leaves or joins in this entry need not be there). */
  setFlags(message: Flagged, memberships: readonly MembershipRow[]): void {
    const { key, keywords } = message
    const bits = message.bits & ~FlagBit.deleted
    this.#flags.set(key, { key, bits, keywords, modSeq: this.#modSeq() })
    for (const member of memberships) {
      this.#change(member.mailbox)
      const deleted = member.deleted ? FlagBit.deleted : 0
      this.#rows(member.mailbox).flags.set(member.uid, { bits: bits | deleted, keywords })
    }
  }

  /**
   * The same change of bits for many messages, each of which it changes; `mailboxes` are all that have any of them. Not for a
   * message of `setFlags`. That it belongs in other mailboxes then (Starred) is not seen to: see OwedPlaces.
   */
  mark({ keys, add, remove }: Omit<Mark, 'modSeq'>, mailboxes: Iterable<MailboxId>): void {
    const mark = { keys, add, remove, modSeq: this.#modSeq() }
    this.#marks.push(mark)
    for (const mailbox of mailboxes) {
      if (this.#standing.mailboxes.get(mailbox)?.gone === true) continue
      this.#change(mailbox)
      this.#rows(mailbox).marks.push(mark)
    }
  }

  /** Sets or clears \Deleted of one message in one mailbox; `message` has the flags it has after this entry. */
  setDeleted(member: Pick<MembershipRow, 'mailbox' | 'uid'>, deleted: boolean, message: Flagged): void {
    const row = this.#change(member.mailbox)
    const { mailbox } = member
    this.#deleted.push({ mailbox, uid: member.uid, deleted, modSeq: row.highestModSeq })
    const bits = (message.bits & ~FlagBit.deleted) | (deleted ? FlagBit.deleted : 0)
    this.#rows(mailbox).flags.set(member.uid, { bits, keywords: message.keywords })
  }

  /** The message ceased to exist. */
  forget(key: MessageKey, memberships: readonly MembershipRow[]): void {
    for (const member of memberships) this.leave(member)
    this.#forget.add(key)
  }

  addContent(content: MessageContent): void {
    this.#content.push(content)
  }

  /** A new mailbox, empty and not whole. UIDVALIDITY rises above all that were ever given. Reliability sheet section 3. */
  addMailbox(labelId: LabelId, nowMs: number): MailboxRow {
    this.#mayLag = false
    this.#uidValidityMark = Math.max(this.#uidValidityMark + 1, Math.floor(nowMs / 1000))
    const row: Mutable<MailboxRow> = {
      id: mailboxId(this.#nextMailbox++),
      labelId,
      uidValidity: this.#uidValidityMark,
      uidNext: uid(1),
      highestModSeq: this.#modSeq(),
      whole: false,
      subscribed: true,
      gone: false,
    }
    this.#mailboxes.set(row.id, row)
    return row
  }

  /** The label is gone: so are its UIDs. The row stays. */
  dropMailbox(mailbox: MailboxId): void {
    this.#mayLag = false
    this.#edit(mailbox).gone = true
    this.#drop.add(mailbox)
  }

  setWhole(mailbox: MailboxId): void {
    this.#mayLag = false
    this.#edit(mailbox).whole = true
  }

  setSubscribed(mailbox: MailboxId, subscribed: boolean): void {
    this.#mayLag = false
    this.#edit(mailbox).subscribed = subscribed
  }

  setListing(listing: ListingRow): void {
    this.#mayLag = false
    this.#listings.set(listing.labelId, listing)
  }

  stage(labelId: LabelId, refs: readonly StagedRef[]): void {
    if (refs.length === 0) return
    this.#mayLag = false
    this.#stage.push({ labelId, refs })
  }

  correct(correction: Correction): void {
    this.#corrections.push(correction)
  }

  unstage(labelId: LabelId): void {
    this.#mayLag = false
    this.#unstage.add(labelId)
  }

  /** Undefined when nothing would change. */
  changeset(): Changeset | undefined {
    const sync: Partial<SyncState> = {
      ...this.#sync,
      ...(this.#nextKey === this.#standing.sync.nextKey ? {} : { nextKey: messageKey(this.#nextKey) }),
    }
    const changeset: Changeset = {
      ...(Object.keys(sync).length === 0 ? {} : { sync }),
      ...(this.#labels === undefined ? {} : { labels: this.#labels }),
      ...list('mailboxes', [...this.#mailboxes.values()]),
      ...list('newMessages', this.#newMessages),
      ...list('flags', [...this.#flags.values()]),
      ...list('marks', this.#marks),
      ...list('join', this.#join),
      ...list('leave', this.#leave),
      ...list('deleted', this.#deleted),
      ...list('forget', [...this.#forget]),
      ...list('content', this.#content),
      ...list('listings', [...this.#listings.values()]),
      ...list('stage', this.#stage),
      ...list('corrections', this.#corrections),
      ...list('unstage', [...this.#unstage]),
      ...list('dropMailboxes', [...this.#drop]),
    }
    if (Object.keys(changeset).length === 0) return undefined
    return this.#mayLag ? { ...changeset, mayLag: true } : changeset
  }

  #modSeq(): ModSeq {
    this.#sync.modSeq ??= modSeq(this.#standing.sync.modSeq + 1)
    return this.#sync.modSeq
  }

  /** Throws RangeError for a mailbox that does not exist. */
  #edit(mailbox: MailboxId): Mutable<MailboxRow> {
    let row = this.#mailboxes.get(mailbox)
    if (row === undefined) {
      const known = this.#standing.mailboxes.get(mailbox)
      if (known === undefined) throw new RangeError(`Cannot change mailbox ${mailbox}: there is none`)
      row = { ...known }
      this.#mailboxes.set(mailbox, row)
    }
    return row
  }

  #change(mailbox: MailboxId): Mutable<MailboxRow> {
    const row = this.#edit(mailbox)
    row.highestModSeq = this.#modSeq()
    return row
  }

  #rows(mailbox: MailboxId): MailboxChange {
    let rows = this.#changes.get(mailbox)
    if (rows === undefined) {
      rows = { joined: [], left: new Set(), flags: new Map(), marks: [] }
      this.#changes.set(mailbox, rows)
    }
    return rows
  }
}

function list<Name extends keyof Changeset>(
  name: Name,
  rows: NonNullable<Changeset[Name]> & readonly unknown[],
): Pick<Changeset, Name> {
  return (rows.length === 0 ? {} : { [name]: rows }) as Pick<Changeset, Name>
}
