import type { MessageId } from '#mail/ids.ts'
import type { SentCopyRow, SentCopyStore, SupersededCopy } from '../sent-copies.ts'
import type { AccountPart } from './account-part.ts'

type Columns = [
  messageId: MessageId,
  messageIdHash: Buffer,
  likeness: Buffer,
  flags: Buffer,
  at: number,
  sentAs: MessageId,
]

/** The rows of `sent_copy`, of one account. */
export class PostgresSentCopies implements SentCopyStore {
  readonly #part: AccountPart

  constructor(part: AccountPart) {
    this.#part = part
  }

  async note({ messageId, messageIdHash, likeness, flags, at }: SentCopyRow): Promise<void> {
    await this.#part.write((tx) =>
      tx.run(
        `insert into sent_copy (account, message_id, message_id_hash, likeness, flags, at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (account, message_id) do update set message_id_hash = excluded.message_id_hash,
           likeness = excluded.likeness, flags = excluded.flags, at = excluded.at, settled = false`,
        this.#part.account,
        messageId,
        messageIdHash ?? null,
        likeness,
        flags,
        at,
      ),
    )
  }

  async superseded(withinMs: number): Promise<readonly SupersededCopy[]> {
    const rows = await this.#part.all<Columns>(
      `select c.message_id, c.message_id_hash, c.likeness, c.flags, c.at, max(s.message_id)
       from sent_copy c join send s on s.account = c.account and s.message_id_hash = c.message_id_hash
         and s.state = 'sent' and s.likeness = c.likeness and s.message_id <> c.message_id and s.at - c.at < $1::bigint
       where c.account = $2 and not c.settled and c.message_id_hash is not null
       group by c.account, c.message_id`,
      withinMs,
      this.#part.account,
    )
    return rows.map(([messageId, messageIdHash, likeness, flags, at, sentAs]) => ({
      messageId,
      messageIdHash,
      likeness,
      flags,
      at,
      sentAs,
    }))
  }

  async settle(id: MessageId): Promise<void> {
    await this.#part.write((tx) =>
      tx.run(
        'update sent_copy set settled = true where account = $1 and message_id = $2',
        this.#part.account,
        id,
      ),
    )
  }
}
