import type { MessageId } from '#mail/ids.ts'
import type { SendRow, SendState, SendStore } from '../sends.ts'
import type { AccountPart } from './account-part.ts'
import { SqliteSentCopies } from './sent-copies.ts'

type Columns = [
  key: Uint8Array,
  messageIdHash: Uint8Array | null,
  likeness: Uint8Array | null,
  state: SendState,
  at: number,
  historyId: string | null,
  messageId: MessageId | null,
]

const columns = 'key, message_id_hash, likeness, state, at, history_id, message_id'

/** The rows of `send`, of one account. */
export class SqliteSends implements SendStore {
  readonly copies: SqliteSentCopies
  readonly #part: AccountPart

  constructor(part: AccountPart) {
    this.#part = part
    this.copies = new SqliteSentCopies(part)
  }

  async find(key: Buffer): Promise<SendRow | undefined> {
    const { db, account } = this.#part
    const row = db.get<Columns>(`select ${columns} from send where account = ? and key = ?`, account, key)
    return row === undefined ? undefined : sendRow(row)
  }

  async put({ key, messageIdHash, likeness, state, at, historyId, messageId }: SendRow): Promise<void> {
    const { db, account } = this.#part
    const put = () =>
      db.run(
        `insert or replace into send (account, ${columns}) values (?, ?, ?, ?, ?, ?, ?, ?)`,
        account,
        key,
        messageIdHash ?? null,
        likeness ?? null,
        state,
        at,
        historyId?.toString() ?? null,
        messageId ?? null,
      )
    if (state === 'accepted') db.transaction(put, { durable: false })
    else await this.#part.durably(put)
  }

  async lastSent(messageIdHash: Buffer): Promise<SendRow | undefined> {
    const { db, account } = this.#part
    const row = db.get<Columns>(
      `select ${columns} from send where account = ? and message_id_hash = ? and state = 'sent'
       order by at desc limit 1`,
      account,
      messageIdHash,
    )
    return row === undefined ? undefined : sendRow(row)
  }

  async claimed(ids: readonly MessageId[]): Promise<ReadonlySet<MessageId>> {
    const { db, account } = this.#part
    return new Set(
      db
        .all<[MessageId]>(
          `select s.message_id from json_each(?1) j cross join send s
           on s.account = ?2 and s.message_id = j.value and s.message_id is not null
           union select c.message_id from json_each(?1) j cross join sent_copy c
           on c.account = ?2 and c.message_id = j.value`,
          JSON.stringify(ids),
          account,
        )
        .map(([id]) => id),
    )
  }

  async unsettled(except: Buffer): Promise<number> {
    const { db, account } = this.#part
    const [count] = db.get<[number]>(
      `select count(*) from send where account = ? and state in ('sending', 'unknown') and key <> ?`,
      account,
      except,
    ) ?? [0]
    return count
  }

  async interrupted(): Promise<number> {
    const { db, account } = this.#part
    return this.#part.durably(
      () =>
        db.run(`update send set state = 'unknown' where account = ? and state = 'sending'`, account).changes,
    )
  }

  async forget(before: number): Promise<void> {
    const { db, account } = this.#part
    await this.#part.durably(() => {
      for (const table of ['send', 'sent_copy'])
        db.run(`delete from ${table} where account = ? and at < ?`, account, before)
    })
  }
}

function sendRow([key, messageIdHash, likeness, state, at, historyId, messageId]: Columns): SendRow {
  return {
    key: Buffer.from(key),
    messageIdHash: messageIdHash === null ? undefined : Buffer.from(messageIdHash),
    likeness: likeness === null ? undefined : Buffer.from(likeness),
    state,
    at,
    historyId: historyId === null ? undefined : BigInt(historyId),
    messageId: messageId ?? undefined,
  }
}
