import type { AccountId } from '#mail/ids.ts'
import type { Seal } from '#mail/surroundings.ts'
import { decodeClientPassword, encodeClientPassword, encodeUse } from '../client-password-codec.ts'
import { purposes } from '../purposes.ts'
import { StoreError, type ClientPasswordRow } from '../store.ts'
import type { Database } from './database.ts'
import { requireAccount } from './require-account.ts'

/** The client passwords' rows. Everything in them is sealed; names are looked up by a keyed hash. */
export class ClientPasswords {
  readonly #db: Database
  readonly #seal: Seal
  readonly #lookup: (name: string) => Buffer

  constructor(db: Database, seal: Seal, lookup: (name: string) => Buffer) {
    this.#db = db
    this.#seal = seal
    this.#lookup = lookup
  }

  /** In the order in which they were made. */
  async list(account: AccountId): Promise<ClientPasswordRow[]> {
    const rows = await this.#db.all<[Buffer, Buffer, Buffer | null]>(
      'select lookup, sealed, sealed_use from client_password where account = $1 order by id',
      account,
    )
    return rows.map(([lookup, sealed, sealedUse]) =>
      decodeClientPassword(
        this.#seal.open(sealed, purposes.clientPassword(account, lookup)),
        sealedUse === null
          ? undefined
          : this.#seal.open(sealedUse, purposes.clientPasswordUse(account, lookup)),
      ),
    )
  }

  /** Throws StoreError `duplicate`, `no-account`. */
  async add(account: AccountId, row: ClientPasswordRow): Promise<void> {
    const lookup = this.#lookup(row.name)
    const sealed = this.#seal.seal(encodeClientPassword(row), purposes.clientPassword(account, lookup))
    const use =
      row.usedAt === undefined && row.usedFrom === undefined
        ? null
        : this.#seal.seal(encodeUse(row), purposes.clientPasswordUse(account, lookup))
    const count = await this.#db.transaction(async (tx) => {
      await requireAccount(tx, account)
      return tx.run(
        `insert into client_password (account, lookup, sealed, sealed_use) values ($1, $2, $3, $4)
         on conflict (account, lookup) do nothing`,
        account,
        lookup,
        sealed,
        use,
      )
    })
    if (count === 0)
      throw new StoreError('duplicate', 'Cannot add the client password: the account has one of this name')
  }

  async remove(account: AccountId, name: string): Promise<boolean> {
    const count = await this.#db.transaction((tx) =>
      tx.run('delete from client_password where account = $1 and lookup = $2', account, this.#lookup(name)),
    )
    return count > 0
  }

  async touch(account: AccountId, name: string, usedAt: number, usedFrom: string): Promise<void> {
    const lookup = this.#lookup(name)
    const use = this.#seal.seal(encodeUse({ usedAt, usedFrom }), purposes.clientPasswordUse(account, lookup))
    await this.#db.transaction((tx) =>
      tx.run(
        'update client_password set sealed_use = $1 where account = $2 and lookup = $3',
        use,
        account,
        lookup,
      ),
    )
  }
}
