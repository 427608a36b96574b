import type { LabelId, MailboxId, MessageId, MessageKey, ModSeq, ThreadId, Uid } from '#mail/ids.ts'
import { FlagBit } from '#mail/flags.ts'
import type { SaveDates } from '#mail/save-dates.ts'
import type {
  AccountStore,
  BitSense,
  Changeset,
  LabelRow,
  ListingRow,
  MailboxRow,
  MembershipRow,
  MessageRow,
  SnapshotColumns,
  StagedRef,
  StoredContent,
  SyncState,
} from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { applyChanges } from './changes.ts'
import { decodeContent } from '../content-codec.ts'
import { ContentRows } from './content-rows.ts'
import { countMailbox, type MailboxCount } from './counts.ts'
import { purge } from './garbage.ts'
import { flagsOfM, messageColumns, messageRow, type MessageColumns } from './message-rows.ts'
import { slices } from '../pause.ts'
import { SqlitePopped } from './popped.ts'
import { purposes } from '../purposes.ts'
import { Reconciliation } from './reconciliation.ts'
import { runsInOrder } from './runs.ts'
import { readSaveDates } from './save-date-rows.ts'
import { SqliteSends } from './sends.ts'
import { SqliteSubscriptions } from './subscriptions.ts'

/** Rows looked up in one statement. */
const lookupRows = 500

/** One account's part of the SQLite store. */
export class SqliteAccountStore implements AccountStore {
  readonly popped: SqlitePopped
  readonly sends: SqliteSends
  readonly subscriptions: SqliteSubscriptions
  readonly #part: AccountPart
  readonly #reconciliation: Reconciliation
  readonly #contents: ContentRows
  /** Goes up with every commit, so that a read in several slices sees that it was disturbed. */
  #commits = 0

  constructor(part: AccountPart) {
    this.#part = part
    this.#reconciliation = new Reconciliation(part)
    this.#contents = new ContentRows(part)
    this.popped = new SqlitePopped(part)
    this.sends = new SqliteSends(part)
    this.subscriptions = new SqliteSubscriptions(part)
  }

  async commit(changes: Changeset): Promise<void> {
    const { db, ledger, keywords } = this.#part
    let givesUids = false
    try {
      givesUids = db.transaction(() => applyChanges(this.#part, changes), { durable: false })
    } catch (error) {
      keywords.forget()
      this.#part.forgetBoxes()
      throw error
    }
    this.#commits += 1
    this.#reconciliation.committed(changes)
    const count = givesUids ? ledger.committed() : undefined
    // What only fills rows from Gmail may be lost to a power cut, whole: it would be asked for again.
    if (changes.mayLag === true) db.syncSoon()
    else if (Object.keys(changes).some((name) => name !== 'content')) await this.#part.synced()
    if (count !== undefined) ledger.settled(count)
    if (changes.dropMailboxes !== undefined || changes.unstage !== undefined) await purge(db)
  }

  async sync(): Promise<SyncState> {
    const { db, account, ledger } = this.#part
    const [phase, historyId, modSeq, nextKey] = db.get<
      [SyncState['phase'], string | null, ModSeq, MessageKey]
    >('select phase, history_id, mod_seq, next_key from sync where account = ?', account) ?? [
      'unsynced',
      null,
      0 as ModSeq,
      1 as MessageKey,
    ]
    // That of the last commits may stand only with the mailboxes. See isToldByMailboxes.
    const [highest] = db.get<[ModSeq | null]>(
      'select max(highest_mod_seq) from mailbox where account = ?',
      account,
    ) ?? [null]
    return await this.#part.settled({
      phase,
      historyId: historyId === null ? undefined : BigInt(historyId),
      modSeq: Math.max(modSeq, highest ?? 0) as ModSeq,
      nextKey,
      uidValidityMark: ledger.uidValidityMark,
    })
  }

  get uidValidityMark(): number {
    return this.#part.ledger.uidValidityMark
  }

  async labels(): Promise<readonly LabelRow[]> {
    const { db, account } = this.#part
    const row = db.get<[Uint8Array]>('select sealed from label_list where account = ?', account)
    if (row === undefined) return []
    const list = JSON.parse(this.#part.seal.open(row[0], purposes.labels(account)).toString()) as LabelRow[]
    return await this.#part.settled(
      list.map(({ id, name, type, labelListVisibility }) => ({ id, name, type, labelListVisibility })),
    )
  }

  async mailboxes(): Promise<readonly MailboxRow[]> {
    const { db, account } = this.#part
    const rows = db
      .all<[MailboxId, LabelId, number, Uid, ModSeq, number, number, number]>(
        `select id, label, uid_validity, uid_next, highest_mod_seq, whole, subscribed, gone
         from mailbox where account = ? order by id`,
        account,
      )
      .map(([id, labelId, uidValidity, uidNext, highestModSeq, whole, subscribed, gone]) => ({
        id,
        labelId,
        uidValidity,
        uidNext,
        highestModSeq,
        whole: whole === 1,
        subscribed: subscribed === 1,
        gone: gone === 1,
      }))
    return await this.#part.settled(rows)
  }

  async listings(): Promise<readonly ListingRow[]> {
    const { db, account } = this.#part
    const rows = db
      .all<[LabelId, string | null, ListingRow['stage'], number]>(
        'select label, page_token, stage, staged from listing where account = ? and stage is not null order by list',
        account,
      )
      .map(([labelId, pageToken, stage, staged]) => ({
        labelId,
        pageToken: pageToken ?? undefined,
        stage,
        staged,
      }))
    return await this.#part.settled(rows)
  }

  async snapshot(mailbox: MailboxId, fromUid: number, limit: number): Promise<SnapshotColumns> {
    const { db, firstM, keywords: sets } = this.#part
    // Fewer columns are faster than clear ones: each value costs a crossing from SQLite to JavaScript.
    const rows = db.all<[uid: number, m: number, bitsAndKeywords: number, modSeq: number]>(
      `select e.uid, e.m, f.bits + e.deleted * ${FlagBit.deleted} + f.keywords * 65536, max(f.mod_seq, e.mod_seq)
       from membership e cross join flags f on f.m = e.m
       where e.box = ? and e.uid >= ? order by e.uid limit ?`,
      this.#part.box(mailbox) ?? 0,
      fromUid,
      limit,
    )
    const uids = new Uint32Array(rows.length)
    const keys = new Uint32Array(rows.length)
    const bits = new Uint32Array(rows.length)
    const modSeqs = new Float64Array(rows.length)
    const keywords = new Map<number, readonly string[]>()
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as (typeof rows)[number]
      uids[index] = row[0]
      keys[index] = row[1] - firstM
      bits[index] = row[2] & 0xffff
      modSeqs[index] = row[3]
      if (row[2] >= 65536) keywords.set(index, sets.words(Math.floor(row[2] / 65536)))
    }
    return await this.#part.settled({ uids, keys, bits, modSeqs, keywords })
  }

  async count(mailbox: MailboxId): Promise<MailboxCount> {
    const box = this.#part.box(mailbox) ?? 0
    return await this.#part.settled(await countMailbox(this.#part.db, box, () => this.#commits))
  }

  async messagesById(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, MessageRow>> {
    const found = new Map<MessageId, MessageRow>()
    for await (const slice of slices(ids, lookupRows))
      for (const columns of this.#part.db.all<MessageColumns>(
        `select ${messageColumns} from json_each(?) j cross join message m on m.account = ? and m.message_id = j.value
         ${flagsOfM}`,
        JSON.stringify(slice),
        this.#part.account,
      ))
        found.set(columns[1], messageRow(this.#part, columns))
    return await this.#part.settled(found)
  }

  async messagesByKey(keys: readonly MessageKey[]): Promise<ReadonlyMap<MessageKey, MessageRow>> {
    const found = new Map<MessageKey, MessageRow>()
    for await (const slice of slices(keys, lookupRows))
      for (const columns of this.#part.db.all<MessageColumns>(
        `select ${messageColumns} from json_each(?) j cross join message m on m.m = j.value ${flagsOfM}`,
        this.#ms(slice),
      )) {
        const row = messageRow(this.#part, columns)
        found.set(row.key, row)
      }
    return await this.#part.settled(found)
  }

  async messageIds(keys: Uint32Array): Promise<ReadonlyMap<MessageKey, MessageId>> {
    const { db, firstM } = this.#part
    const found = new Map<MessageKey, MessageId>()
    for await (const slice of slices(runsInOrder(keys), lookupRows))
      for (const { first, last } of slice)
        for (const [m, id] of db.all<[number, MessageId]>(
          'select m, message_id from message where m between ? and ?',
          firstM + first,
          firstM + last,
        ))
          found.set(this.#part.key(m), id)
    return await this.#part.settled(found)
  }

  async mailboxesOf(keys: Uint32Array): Promise<readonly MailboxId[]> {
    const { db, firstM } = this.#part
    const boxes = new Set<number>()
    for await (const slice of slices(runsInOrder(keys), lookupRows))
      for (const { first, last } of slice) {
        const rows =
          first === last
            ? db.all<[number]>('select box from membership where m = ?', firstM + first)
            : db.all<[number]>(
                'select distinct box from membership where m between ? and ?',
                firstM + first,
                firstM + last,
              )
        for (const [box] of rows) boxes.add(box)
      }
    const found = [...this.#part.boxes].filter(([box]) => boxes.has(box)).map(([, id]) => id)
    return await this.#part.settled(found)
  }

  async memberships(keys: readonly MessageKey[]): Promise<readonly MembershipRow[]> {
    const { db } = this.#part
    const found: MembershipRow[] = []
    for await (const slice of slices(keys, lookupRows)) {
      // The mailbox row decides: a dropped mailbox has rows for a moment, but no number any more.
      const mailboxes = this.#part.boxes
      for (const [box, uid, m, deleted] of db.all<[number, Uid, number, number]>(
        'select e.box, e.uid, e.m, e.deleted from json_each(?) j cross join membership e on e.m = j.value',
        this.#ms(slice),
      )) {
        const mailbox = mailboxes.get(box)
        if (mailbox !== undefined)
          found.push({ mailbox, uid, key: this.#part.key(m), deleted: deleted === 1 })
      }
    }
    return await this.#part.settled(found)
  }

  async content(
    keys: readonly MessageKey[],
    { header }: { header: boolean },
  ): Promise<readonly StoredContent[]> {
    const { db } = this.#part
    const found: StoredContent[] = []
    for await (const slice of slices(keys, lookupRows)) {
      const contents = this.#contents.read('content', slice)
      const headers = header ? this.#contents.read('header', slice) : undefined
      for (const [m, messageId, threadId, internalDate, sizeBytes] of db.all<
        [number, MessageId, ThreadId, number, number]
      >(
        `select m.m, m.message_id, m.thread_id, m.internal_date, m.size_bytes
         from json_each(?) j cross join message m on m.m = j.value`,
        this.#ms(slice),
      )) {
        const key = this.#part.key(m)
        const content = contents.get(key)
        const octets = headers?.get(key)
        if (content === undefined || (header && octets === undefined)) continue
        const decoded = decodeContent(content)
        found.push({ key, messageId, threadId, internalDate, sizeBytes, ...decoded, header: octets })
      }
    }
    return found
  }

  async sieves(keys: readonly MessageKey[]): Promise<ReadonlyMap<MessageKey, Buffer>> {
    const found = new Map<MessageKey, Buffer>()
    for await (const slice of slices(keys, lookupRows))
      for (const [key, sieve] of this.#contents.read('sieve', slice)) found.set(key, sieve)
    return found
  }

  async unhydrated(limit: number, beforeId?: MessageId): Promise<readonly MessageRow[]> {
    const { db, account } = this.#part
    const rows =
      beforeId === undefined
        ? db.all<MessageColumns>(
            `select ${messageColumns} from message m ${flagsOfM} where account = ? and hydrated = 0
             order by length(message_id) desc, message_id desc limit ?`,
            account,
            limit,
          )
        : db.all<MessageColumns>(
            `select ${messageColumns} from message m ${flagsOfM} where account = ? and hydrated = 0
               and (length(message_id), message_id) < (length(?2), ?2)
             order by length(message_id) desc, message_id desc limit ?3`,
            account,
            beforeId,
            limit,
          )
    return rows.map((columns) => messageRow(this.#part, columns))
  }

  async hydration(): Promise<{ readonly messages: number; readonly hydrated: number }> {
    const { db, account } = this.#part
    const [messages, unhydrated] = db.get<[number, number]>(
      `select (select count(*) from message where account = ?1),
         (select count(*) from message where account = ?1 and hydrated = 0)`,
      account,
    ) ?? [0, 0]
    return { messages, hydrated: messages - unhydrated }
  }

  async vanished(mailbox: MailboxId, since: ModSeq): Promise<readonly Uid[]> {
    const uids = this.#part.db
      .all<[Uid]>(
        'select uid from vanished where box = ? and mod_seq > ? order by uid',
        this.#part.box(mailbox) ?? 0,
        since,
      )
      .map(([uid]) => uid)
    return await this.#part.settled(uids)
  }

  async saveDates(mailbox: MailboxId): Promise<SaveDates> {
    return await this.#part.settled(readSaveDates(this.#part, mailbox))
  }

  stagedNotJoined(
    labelId: LabelId,
    mailbox: MailboxId,
    limit: number,
  ): Promise<readonly (StagedRef & { key: MessageKey | undefined })[]> {
    return this.#reconciliation.stagedNotJoined(labelId, mailbox, limit)
  }

  joinedNotStaged(
    labelId: LabelId,
    mailbox: MailboxId,
    fromUid: number,
    limit: number,
  ): Promise<readonly MembershipRow[]> {
    return this.#reconciliation.joinedNotStaged(labelId, mailbox, fromUid, limit)
  }

  stagedWithoutBit(
    labelId: LabelId,
    bit: number,
    limit: number,
    options?: BitSense,
  ): Promise<readonly (StagedRef & { key: MessageKey | undefined; bits: number })[]> {
    return this.#reconciliation.stagedWithoutBit(labelId, bit, limit, options?.inverted === true)
  }

  bitNotStaged(
    labelId: LabelId,
    bit: number,
    limit: number,
    options?: BitSense,
  ): Promise<readonly MessageRow[]> {
    return this.#reconciliation.bitNotStaged(labelId, bit, limit, options?.inverted === true)
  }

  orphans(limit: number): Promise<readonly MessageKey[]> {
    return this.#reconciliation.orphans(limit)
  }

  #ms(keys: readonly MessageKey[]): string {
    return `[${keys.map((key) => this.#part.m(key)).join()}]`
  }
}
