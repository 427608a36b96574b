import type { AccountId } from '#mail/ids.ts'
import type { Seal } from '#mail/surroundings.ts'
import { StoreError, type ClientPasswordRow } from '../store.ts'
import type { Database } from './database.ts'
import { decodeClientPassword, encodeClientPassword, encodeUse } from '../client-password-codec.ts'
import { purposes } from '../purposes.ts'

/** The client passwords' rows. Everything in them is sealed; names are looked up by a keyed hash. */
export class ClientPasswords {
  readonly #db: Database
  readonly #seal: Seal
  readonly #lookup: (name: string) => Buffer
  /** Opened: each login asks for them. Nobody else writes: the file is locked for as long as it is open. */
  readonly #rows = new Map<AccountId, readonly ClientPasswordRow[]>()

  constructor(db: Database, seal: Seal, lookup: (name: string) => Buffer) {
    this.#db = db
    this.#seal = seal
    this.#lookup = lookup
  }

  /** In the order in which they were made. */
  list(account: AccountId): readonly ClientPasswordRow[] {
    let rows = this.#rows.get(account)
    if (rows === undefined) {
      rows = this.#read(account)
      // Nothing is kept about accounts that do not exist: anybody can ask for them.
      if (rows.length > 0) this.#rows.set(account, rows)
    }
    return rows
  }

  /** After the account's rows were changed by others: it was removed. */
  forget(account: AccountId): void {
    this.#rows.delete(account)
  }

  #read(account: AccountId): ClientPasswordRow[] {
    return this.#db
      .all<[Uint8Array, Uint8Array, Uint8Array | null]>(
        'select lookup, sealed, sealed_use from client_password where account = ? order by id',
        account,
      )
      .map(([lookup, sealed, sealedUse]) =>
        decodeClientPassword(
          this.#seal.open(sealed, purposes.clientPassword(account, lookup)),
          sealedUse === null
            ? undefined
            : this.#seal.open(sealedUse, purposes.clientPasswordUse(account, lookup)),
        ),
      )
  }

  /** Throws StoreError `duplicate`. */
  add(account: AccountId, row: ClientPasswordRow): void {
    this.forget(account)
    const lookup = this.#lookup(row.name)
    const sealed = this.#seal.seal(encodeClientPassword(row), purposes.clientPassword(account, lookup))
    const use =
      row.usedAt === undefined && row.usedFrom === undefined
        ? null
        : this.#seal.seal(encodeUse(row), purposes.clientPasswordUse(account, lookup))
    const { changes } = this.#db.transaction(() =>
      this.#db.run(
        'insert or ignore into client_password (account, lookup, sealed, sealed_use) values (?, ?, ?, ?)',
        account,
        lookup,
        sealed,
        use,
      ),
    )
    if (changes === 0)
      throw new StoreError('duplicate', 'Cannot add the client password: the account has one of this name')
  }

  remove(account: AccountId, name: string): boolean {
    this.forget(account)
    const { changes } = this.#db.transaction(() =>
      this.#db.run(
        'delete from client_password where account = ? and lookup = ?',
        account,
        this.#lookup(name),
      ),
    )
    return changes > 0
  }

  touch(account: AccountId, name: string, usedAt: number, usedFrom: string): void {
    this.forget(account)
    const lookup = this.#lookup(name)
    const use = this.#seal.seal(encodeUse({ usedAt, usedFrom }), purposes.clientPasswordUse(account, lookup))
    this.#db.transaction(
      () =>
        this.#db.run(
          'update client_password set sealed_use = ? where account = ? and lookup = ?',
          use,
          account,
          lookup,
        ),
      { durable: false },
    )
  }
}
