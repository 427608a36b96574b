import { purposes } from '../purposes.ts'
import type { SubscriptionStore } from '../subscriptions.ts'
import type { AccountPart } from './account-part.ts'

/** The row of `subscription`, of one account. */
export class PostgresSubscriptions implements SubscriptionStore {
  readonly #part: AccountPart

  constructor(part: AccountPart) {
    this.#part = part
  }

  async all(): Promise<ReadonlyMap<string, boolean>> {
    const { account, seal } = this.#part
    const row = await this.#part.get<[Buffer]>('select sealed from subscription where account = $1', account)
    if (row === undefined) return new Map()
    return new Map(
      JSON.parse(seal.open(row[0], purposes.subscriptions(account)).toString()) as [string, boolean][],
    )
  }

  async replace(names: ReadonlyMap<string, boolean>): Promise<void> {
    const { account, seal } = this.#part
    const sealed = seal.seal(Buffer.from(JSON.stringify([...names])), purposes.subscriptions(account))
    await this.#part.write((tx) =>
      tx.run(
        `insert into subscription select id, $1::bytea from account where id = $2 and not removed
         on conflict (account) do update set sealed = excluded.sealed`,
        sealed,
        account,
      ),
    )
  }
}
