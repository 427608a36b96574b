import type { MessageId } from '#mail/ids.ts'
import type { SendRow, SendState, SendStore } from '../sends.ts'
import type { AccountPart } from './account-part.ts'
import { texts } from './array-literals.ts'
import { PostgresSentCopies } from './sent-copies.ts'

type Columns = [
  key: Buffer,
  messageIdHash: Buffer | null,
  likeness: Buffer | null,
  state: SendState,
  at: number,
  historyId: string | null,
  messageId: MessageId | null,
]

const columns = 'key, message_id_hash, likeness, state, at, history_id, message_id'

/** The rows of `send`, of one account. */
export class PostgresSends implements SendStore {
  readonly copies: PostgresSentCopies
  readonly #part: AccountPart

  constructor(part: AccountPart) {
    this.#part = part
    this.copies = new PostgresSentCopies(part)
  }

  async find(key: Buffer): Promise<SendRow | undefined> {
    const row = await this.#part.get<Columns>(
      `select ${columns} from send where account = $1 and key = $2`,
      this.#part.account,
      key,
    )
    return row === undefined ? undefined : sendRow(row)
  }

  async put({ key, messageIdHash, likeness, state, at, historyId, messageId }: SendRow): Promise<void> {
    await this.#part.write((tx) =>
      tx.run(
        `insert into send (account, ${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (account, key) do update set message_id_hash = excluded.message_id_hash,
           likeness = excluded.likeness, state = excluded.state, at = excluded.at, history_id = excluded.history_id,
           message_id = excluded.message_id`,
        this.#part.account,
        key,
        messageIdHash ?? null,
        likeness ?? null,
        state,
        at,
        historyId?.toString() ?? null,
        messageId ?? null,
      ),
    )
  }

  async lastSent(messageIdHash: Buffer): Promise<SendRow | undefined> {
    const row = await this.#part.get<Columns>(
      `select ${columns} from send where account = $1 and message_id_hash = $2 and state = 'sent'
       order by at desc limit 1`,
      this.#part.account,
      messageIdHash,
    )
    return row === undefined ? undefined : sendRow(row)
  }

  async claimed(ids: readonly MessageId[]): Promise<ReadonlySet<MessageId>> {
    const rows = await this.#part.all<[MessageId]>(
      `select s.message_id from send s where s.account = $2 and s.message_id = any($1::text[])
       union select c.message_id from sent_copy c where c.account = $2 and c.message_id = any($1::text[])`,
      texts(ids),
      this.#part.account,
    )
    return new Set(rows.map(([id]) => id))
  }

  async unsettled(except: Buffer): Promise<number> {
    const row = await this.#part.get<[number]>(
      `select count(*) from send where account = $1 and state in ('sending', 'unknown') and key <> $2`,
      this.#part.account,
      except,
    )
    return row?.[0] ?? 0
  }

  async interrupted(): Promise<number> {
    return this.#part.write((tx) =>
      tx.run(
        `update send set state = 'unknown' where account = $1 and state = 'sending'`,
        this.#part.account,
      ),
    )
  }

  async forget(before: number): Promise<void> {
    await this.#part.write(async (tx) => {
      for (const table of ['send', 'sent_copy'])
        await tx.run(`delete from ${table} where account = $1 and at < $2`, this.#part.account, before)
    })
  }
}

function sendRow([key, messageIdHash, likeness, state, at, historyId, messageId]: Columns): SendRow {
  return {
    key,
    messageIdHash: messageIdHash ?? undefined,
    likeness: likeness ?? undefined,
    state,
    at,
    historyId: historyId === null ? undefined : BigInt(historyId),
    messageId: messageId ?? undefined,
  }
}
