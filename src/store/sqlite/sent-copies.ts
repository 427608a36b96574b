import type { MessageId } from '#mail/ids.ts'
import type { SentCopyRow, SentCopyStore, SupersededCopy } from '../sent-copies.ts'
import type { AccountPart } from './account-part.ts'

type Columns = [
  messageId: MessageId,
  messageIdHash: Uint8Array,
  likeness: Uint8Array,
  flags: Uint8Array,
  at: number,
  sentAs: MessageId,
]

/** The rows of `sent_copy`, of one account. */
export class SqliteSentCopies implements SentCopyStore {
  readonly #part: AccountPart

  constructor(part: AccountPart) {
    this.#part = part
  }

  async note({ messageId, messageIdHash, likeness, flags, at }: SentCopyRow): Promise<void> {
    const { db, account } = this.#part
    db.transaction(
      () =>
        db.run(
          `insert or replace into sent_copy (account, message_id, message_id_hash, likeness, flags, at)
           values (?, ?, ?, ?, ?, ?)`,
          account,
          messageId,
          messageIdHash ?? null,
          likeness,
          flags,
          at,
        ),
      { durable: false },
    )
  }

  async superseded(withinMs: number): Promise<readonly SupersededCopy[]> {
    const { db, account } = this.#part
    const rows = db.all<Columns>(
      `select c.message_id, c.message_id_hash, c.likeness, c.flags, c.at, max(s.message_id)
       from sent_copy c join send s on s.account = c.account and s.message_id_hash = c.message_id_hash
         and s.state = 'sent' and s.likeness = c.likeness and s.message_id <> c.message_id and s.at - c.at < ?
       where c.account = ? and c.settled = 0 and c.message_id_hash is not null
       group by c.message_id`,
      withinMs,
      account,
    )
    return rows.map(([messageId, messageIdHash, likeness, flags, at, sentAs]) => ({
      messageId,
      messageIdHash: Buffer.from(messageIdHash),
      likeness: Buffer.from(likeness),
      flags: Buffer.from(flags),
      at,
      sentAs,
    }))
  }

  async settle(id: MessageId): Promise<void> {
    const { db, account } = this.#part
    await this.#part.durably(() =>
      db.run('update sent_copy set settled = 1 where account = ? and message_id = ?', account, id),
    )
  }
}
