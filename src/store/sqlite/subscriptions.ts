import type { SubscriptionStore } from '../subscriptions.ts'
import type { AccountPart } from './account-part.ts'
import { purposes } from '../purposes.ts'

/** The row of `subscription`, of one account. */
export class SqliteSubscriptions implements SubscriptionStore {
  readonly #part: AccountPart

  constructor(part: AccountPart) {
    this.#part = part
  }

  async all(): Promise<ReadonlyMap<string, boolean>> {
    const { db, account, seal } = this.#part
    const row = db.get<[Uint8Array]>('select sealed from subscription where account = ?', account)
    if (row === undefined) return new Map()
    return new Map(
      JSON.parse(seal.open(row[0], purposes.subscriptions(account)).toString()) as [string, boolean][],
    )
  }

  async replace(names: ReadonlyMap<string, boolean>): Promise<void> {
    const { db, account, seal } = this.#part
    const sealed = seal.seal(Buffer.from(JSON.stringify([...names])), purposes.subscriptions(account))
    await this.#part.durably(() => {
      db.run(
        `insert into subscription select id, ? from account where id = ? and removed = 0
         on conflict do update set sealed = excluded.sealed`,
        sealed,
        account,
      )
    })
  }
}
