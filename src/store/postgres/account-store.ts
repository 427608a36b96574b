import type { LabelId, MailboxId, MessageId, MessageKey, ModSeq, ThreadId, Uid } from '#mail/ids.ts'
import type { SaveDates } from '#mail/save-dates.ts'
import { decodeContent } from '../content-codec.ts'
import { slices } from '../pause.ts'
import { purposes } from '../purposes.ts'
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
import { boxOf, type AccountPart } from './account-part.ts'
import { texts } from './array-literals.ts'
import { applyChanges } from './changes.ts'
import { openContent } from './content-rows.ts'
import { countMailbox, type MailboxCount } from './counts.ts'
import { purge } from './garbage.ts'
import { messageColumns, readMessages } from './message-rows.ts'
import { PostgresPopped } from './popped.ts'
import { Reconciliation } from './reconciliation.ts'
import { readSaveDates } from './save-date-rows.ts'
import { PostgresSends } from './sends.ts'
import { readSnapshot } from './snapshots.ts'
import { PostgresSubscriptions } from './subscriptions.ts'

/** Rows looked up in one statement. */
const lookupRows = 2000
/** Contents: some kilobytes each, and each is opened. */
const contentRows = 250

/** One account's part of the PostgreSQL store. */
export class PostgresAccountStore implements AccountStore {
  readonly popped: PostgresPopped
  readonly sends: PostgresSends
  readonly subscriptions: PostgresSubscriptions
  readonly #part: AccountPart
  readonly #reconciliation: Reconciliation

  constructor(part: AccountPart) {
    this.#part = part
    this.#reconciliation = new Reconciliation(part)
    this.popped = new PostgresPopped(part)
    this.sends = new PostgresSends(part)
    this.subscriptions = new PostgresSubscriptions(part)
  }

  async commit(changes: Changeset): Promise<void> {
    const { db, ledger, keywords, turns } = this.#part
    await turns.write(async () => {
      await keywords.load()
      try {
        const givesUids = await db.transaction((tx) => applyChanges(this.#part, tx, changes))
        if (givesUids) ledger.committed()
      } catch (error) {
        keywords.forget()
        throw error
      } finally {
        // A commit in doubt may be there.
        this.#reconciliation.committed(changes)
      }
    })
    if (changes.dropMailboxes !== undefined || changes.unstage !== undefined) await purge(db)
  }

  async sync(): Promise<SyncState> {
    const { account, ledger } = this.#part
    const [phase, historyId, modSeq, nextKey] = (await this.#part.get<
      [SyncState['phase'], string | null, ModSeq, MessageKey]
    >('select phase, history_id, mod_seq, next_key from sync where account = $1', account)) ?? [
      'unsynced',
      null,
      0 as ModSeq,
      1 as MessageKey,
    ]
    return {
      phase,
      historyId: historyId === null ? undefined : BigInt(historyId),
      modSeq,
      nextKey,
      uidValidityMark: ledger.uidValidityMark,
    }
  }

  get uidValidityMark(): number {
    return this.#part.ledger.uidValidityMark
  }

  async labels(): Promise<readonly LabelRow[]> {
    const { account, seal } = this.#part
    const row = await this.#part.get<[Buffer]>('select sealed from label_list where account = $1', account)
    if (row === undefined) return []
    const list = JSON.parse(seal.open(row[0], purposes.labels(account)).toString()) as LabelRow[]
    return list.map(({ id, name, type, labelListVisibility }) => ({ id, name, type, labelListVisibility }))
  }

  async mailboxes(): Promise<readonly MailboxRow[]> {
    const rows = await this.#part.all<
      [MailboxId, LabelId, number, Uid, ModSeq, whole: boolean, subscribed: boolean, gone: boolean]
    >(
      `select id, label, uid_validity, uid_next, highest_mod_seq, whole, subscribed, gone
       from mailbox where account = $1 order by id`,
      this.#part.account,
    )
    return rows.map(([id, labelId, uidValidity, uidNext, highestModSeq, whole, subscribed, gone]) => ({
      id,
      labelId,
      uidValidity,
      uidNext,
      highestModSeq,
      whole,
      subscribed,
      gone,
    }))
  }

  async listings(): Promise<readonly ListingRow[]> {
    const rows = await this.#part.all<[LabelId, string | null, ListingRow['stage'], number]>(
      `select label, page_token, stage, staged from listing
       where account = $1 and stage is not null order by list`,
      this.#part.account,
    )
    return rows.map(([labelId, pageToken, stage, staged]) => ({
      labelId,
      pageToken: pageToken ?? undefined,
      stage,
      staged,
    }))
  }

  snapshot(mailbox: MailboxId, fromUid: number, limit: number): Promise<SnapshotColumns> {
    return readSnapshot(this.#part, mailbox, fromUid, limit)
  }

  count(mailbox: MailboxId): Promise<MailboxCount> {
    return countMailbox(this.#part, mailbox)
  }

  async messagesById(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, MessageRow>> {
    const found = new Map<MessageId, MessageRow>()
    for await (const slice of slices(ids, lookupRows))
      for (const row of await readMessages(
        this.#part,
        `select ${messageColumns} from unnest($1::text[]) with ordinality j(id, n)
         join message m on m.account = $2 and m.message_id = j.id order by j.n`,
        texts(slice),
        this.#part.account,
      ))
        found.set(row.messageId, row)
    return found
  }

  async messagesByKey(keys: readonly MessageKey[]): Promise<ReadonlyMap<MessageKey, MessageRow>> {
    const found = new Map<MessageKey, MessageRow>()
    for await (const slice of slices(keys, lookupRows))
      for (const row of await readMessages(
        this.#part,
        `select ${messageColumns} from unnest($1::bigint[]) with ordinality j(m, n)
         join message m on m.m = j.m order by j.n`,
        this.#part.ms(slice),
      ))
        found.set(row.key, row)
    return found
  }

  async messageIds(keys: Uint32Array): Promise<ReadonlyMap<MessageKey, MessageId>> {
    const found = new Map<MessageKey, MessageId>()
    for await (const slice of slices([...keys] as MessageKey[], lookupRows))
      for (const [m, id] of await this.#part.all<[number, MessageId]>(
        'select m, message_id from message where m = any($1::bigint[])',
        this.#part.ms(slice),
      ))
        found.set(this.#part.key(m), id)
    return found
  }

  async mailboxesOf(keys: Uint32Array): Promise<readonly MailboxId[]> {
    const found = new Set<MailboxId>()
    for await (const slice of slices([...keys] as MessageKey[], lookupRows))
      for (const [mailbox] of await this.#part.all<[MailboxId]>(
        `select id from mailbox where box in (select box from membership where m = any($1::bigint[]))`,
        this.#part.ms(slice),
      ))
        found.add(mailbox)
    return [...found].sort((a, b) => a - b)
  }

  async memberships(keys: readonly MessageKey[]): Promise<readonly MembershipRow[]> {
    const found: MembershipRow[] = []
    for await (const slice of slices(keys, lookupRows))
      // The mailbox row decides: a dropped mailbox has rows for a moment, but no number any more.
      for (const [mailbox, uid, m, deleted] of await this.#part.all<[MailboxId, Uid, number, boolean]>(
        `select b.id, e.uid, e.m, e.deleted from unnest($1::bigint[]) with ordinality j(m, n)
         join membership e on e.m = j.m join mailbox b on b.box = e.box order by j.n, b.id`,
        this.#part.ms(slice),
      ))
        found.push({ mailbox, uid, key: this.#part.key(m), deleted })
    return found
  }

  async content(
    keys: readonly MessageKey[],
    { header }: { header: boolean },
  ): Promise<readonly StoredContent[]> {
    const part = this.#part
    const found: StoredContent[] = []
    for await (const slice of slices(keys, contentRows))
      for (const [m, messageId, threadId, internalDate, sizeBytes, content, octets] of await part.all<
        [number, MessageId, ThreadId, number, number, Buffer, Buffer | null]
      >(
        `select m.m, m.message_id, m.thread_id, m.internal_date, m.size_bytes, c.content, ${header ? 'c.header' : 'null'}
         from unnest($1::bigint[]) with ordinality j(m, n)
         join message m on m.m = j.m join content c on c.m = j.m order by j.n`,
        part.ms(slice),
      )) {
        const key = part.key(m)
        found.push({
          key,
          messageId,
          threadId,
          internalDate,
          sizeBytes,
          ...decodeContent(openContent(part, 'content', key, content)),
          header: octets === null ? undefined : openContent(part, 'header', key, octets),
        })
      }
    return found
  }

  async sieves(keys: readonly MessageKey[]): Promise<ReadonlyMap<MessageKey, Buffer>> {
    const found = new Map<MessageKey, Buffer>()
    for await (const slice of slices(keys, contentRows))
      for (const [m, sealed] of await this.#part.all<[number, Buffer]>(
        `select c.m, c.sieve from unnest($1::bigint[]) with ordinality j(m, n)
         join content c on c.m = j.m where c.sieve is not null order by j.n`,
        this.#part.ms(slice),
      )) {
        const key = this.#part.key(m)
        found.set(key, openContent(this.#part, 'sieve', key, sealed))
      }
    return found
  }

  unhydrated(limit: number, beforeId?: MessageId): Promise<readonly MessageRow[]> {
    const before = beforeId === undefined ? '' : 'and (length(message_id), message_id) < (length($3), $3)'
    return readMessages(
      this.#part,
      `select ${messageColumns} from message m where account = $1 and not hydrated ${before}
       order by length(message_id) desc, message_id desc limit $2`,
      this.#part.account,
      limit,
      ...(beforeId === undefined ? [] : [beforeId]),
    )
  }

  async hydration(): Promise<{ readonly messages: number; readonly hydrated: number }> {
    const [messages, unhydrated] = (await this.#part.get<[number, number]>(
      `select (select count(*) from message where account = $1),
         (select count(*) from message where account = $1 and not hydrated)`,
      this.#part.account,
    )) ?? [0, 0]
    return { messages, hydrated: messages - unhydrated }
  }

  async vanished(mailbox: MailboxId, since: ModSeq): Promise<readonly Uid[]> {
    const rows = await this.#part.all<[Uid]>(
      `select distinct uid from vanished where box = ${boxOf} and mod_seq > $3 order by uid`,
      this.#part.account,
      mailbox,
      since,
    )
    return rows.map(([uid]) => uid)
  }

  saveDates(mailbox: MailboxId): Promise<SaveDates> {
    return readSaveDates(this.#part, mailbox)
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
}
