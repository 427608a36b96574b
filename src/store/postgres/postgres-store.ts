import { createHmac } from 'node:crypto'
import type { AccountId } from '#mail/ids.ts'
import type { Clock, Log, Seal } from '#mail/surroundings.ts'
import { purposes } from '../purposes.ts'
import type { AccountRow, AccountStore, ClientPasswordRow, Store, StoreError } from '../store.ts'
import { tellingSeal } from '../telling-seal.ts'
import { AccountPart } from './account-part.ts'
import { PostgresAccountStore } from './account-store.ts'
import { addressOf } from './address.ts'
import { checkContents, checkRows } from './check.ts'
import { ClientPasswords } from './client-passwords.ts'
import { Database } from './database.ts'
import { discard, purge } from './garbage.ts'
import { knownLookupKey, makeLookupKey } from './lookup-key.ts'
import { claim, migrate } from './migration.ts'
import { requireAccount } from './require-account.ts'
import { SizeProbe } from './size-probe.ts'
import { UidLedger } from './uid-ledger.ts'
import { WriteProbe } from './write-probe.ts'

/** What the store needs. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database`; see address.ts. */
  readonly url: string
  /** Where the mark file lies, without its ending `.mark`. */
  readonly markPath: string
  readonly seal: Seal
  readonly clock: Clock
  readonly log: Log
  /** The database is not the one that was opened any more: everything fails until it is opened anew. */
  readonly onUnusable: (error: StoreError) => void
  /** How long a commit without an answer waits for the server to come back, before its error says that it is in doubt. */
  readonly settleMs?: number | undefined
}

/**
 * Opens the store in the schema `postern` of the database, or makes it. Throws StoreError: `locked`, `unreachable`,
 * `newer`, `wrong-key`, `damaged`; then nothing was changed.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, markPath, seal, clock, log, onUnusable, settleMs } = options
  let ledger: UidLedger | undefined
  const db = await Database.open({
    address: addressOf(url),
    clock,
    log,
    settleMs,
    onUnusable(error) {
      // So that the next start sees what the database lacks.
      ledger?.flush()
      onUnusable(error)
    },
  })
  try {
    await claim(db)
    // Before anything is changed: a database under another key stays as it is.
    const known = await knownLookupKey(db, seal)
    await migrate(db, clock.now())
    ledger = await UidLedger.open(db, { path: markPath, now: clock.now(), log })
    const lookupKey = known ?? (await makeLookupKey(db, seal, ledger.database))
    await db.claim()
    await purge(db)
    const sentence = `A value in the database ${db.shown} does not open: it is damaged. Restore a backup.`
    return new PostgresStore({ db, seal: tellingSeal(seal, sentence), clock, ledger, lookupKey, log })
  } catch (error) {
    await db.close()
    throw error
  }
}

class PostgresStore implements Store {
  readonly #db: Database
  readonly #seal: Seal
  readonly #clock: Clock
  readonly #ledger: UidLedger
  readonly #lookupKey: Buffer
  readonly #passwords: ClientPasswords
  readonly #parts = new Map<AccountId, AccountPart>()
  readonly #accounts = new Map<AccountId, PostgresAccountStore>()
  /** Every login asks for them, and nobody else changes them: the database is locked. */
  #accountRows: Promise<readonly AccountRow[]> | undefined
  readonly #writeProbe: WriteProbe
  readonly #sizeProbe: SizeProbe

  constructor(parts: {
    db: Database
    seal: Seal
    clock: Clock
    ledger: UidLedger
    lookupKey: Buffer
    log: Log
  }) {
    this.#db = parts.db
    this.#seal = parts.seal
    this.#clock = parts.clock
    this.#ledger = parts.ledger
    this.#lookupKey = parts.lookupKey
    this.#passwords = new ClientPasswords(parts.db, parts.seal, (name) => this.#lookup(name))
    this.#writeProbe = new WriteProbe(parts.db, parts.clock, parts.log)
    this.#sizeProbe = new SizeProbe(parts.db, parts.clock)
  }

  accounts(): Promise<readonly AccountRow[]> {
    const rows = (this.#accountRows ??= this.#readAccounts())
    // A fault is not remembered.
    rows.catch(() => (this.#accountRows = this.#accountRows === rows ? undefined : this.#accountRows))
    return rows
  }

  async addAccount(address: string): Promise<AccountRow> {
    this.#accountRows = undefined
    const lookup = this.#lookup(address.toLowerCase())
    const id = await this.#db.transaction(async (tx) => {
      const [known] = (await tx.get<[AccountId]>('select id from account where lookup = $1', lookup)) ?? []
      if (known !== undefined) return known
      const [made] =
        (await tx.get<[AccountId]>(
          'update state set last_account = last_account + 1 returning last_account',
        )) ?? []
      if (made === undefined) throw new Error('The table state is empty')
      await tx.run(
        'insert into account (id, lookup, sealed, created_at) values ($1, $2, $3, $4)',
        made,
        lookup,
        this.#seal.seal(Buffer.from(address), purposes.address(made)),
        this.#clock.now(),
      )
      return made
    })
    this.#accountRows = undefined
    const found = (await this.accounts()).find((row) => row.id === id)
    if (found === undefined) throw new Error('Cannot find the account that was just added')
    return found
  }

  async removeAccount(id: AccountId): Promise<void> {
    this.#accountRows = undefined
    await this.#part(id).write(async (tx) => {
      await tx.run('update account set removed = true, lookup = null where id = $1', id)
      for (const [kind, column, table] of [
        ['box', 'box', 'mailbox'],
        ['list', 'list', 'listing'],
      ] as const)
        for (const [number] of await tx.all<[number]>(
          `select ${column} from ${table} where account = $1`,
          id,
        ))
          await discard(tx, kind, number)
      for (const table of ownTables) await tx.run(`delete from ${table} where account = $1`, id)
      await discard(tx, 'account', id)
    })
    this.#accountRows = undefined
    this.#accounts.delete(id)
    this.#parts.delete(id)
    await purge(this.#db)
  }

  account(id: AccountId): AccountStore {
    let found = this.#accounts.get(id)
    if (found === undefined) {
      found = new PostgresAccountStore(this.#part(id))
      this.#accounts.set(id, found)
    }
    return found
  }

  async secret(account: AccountId, name: string): Promise<Buffer | undefined> {
    const row = await this.#db.get<[Buffer]>(
      'select sealed from secret where account = $1 and name = $2',
      account,
      name,
    )
    return row === undefined ? undefined : this.#seal.open(row[0], purposes.secret(account, name))
  }

  async setSecret(account: AccountId, name: string, plain: Uint8Array): Promise<void> {
    const sealed = this.#seal.seal(plain, purposes.secret(account, name))
    await this.#db.transaction(async (tx) => {
      await requireAccount(tx, account)
      await tx.run(
        `insert into secret values ($1, $2, $3)
         on conflict (account, name) do update set sealed = excluded.sealed`,
        account,
        name,
        sealed,
      )
    })
  }

  async removeSecret(account: AccountId, name: string): Promise<void> {
    await this.#db.transaction((tx) =>
      tx.run('delete from secret where account = $1 and name = $2', account, name),
    )
  }

  clientPasswords(account: AccountId): Promise<readonly ClientPasswordRow[]> {
    return this.#passwords.list(account)
  }

  addClientPassword(account: AccountId, row: ClientPasswordRow): Promise<void> {
    return this.#passwords.add(account, row)
  }

  removeClientPassword(account: AccountId, name: string): Promise<boolean> {
    return this.#passwords.remove(account, name)
  }

  touchClientPassword(account: AccountId, name: string, usedAt: number, from: string): Promise<void> {
    return this.#passwords.touch(account, name, usedAt, from)
  }

  writeFault(): Promise<string | undefined> {
    return this.#writeProbe.fault()
  }

  sizeBytes(): Promise<number> {
    return this.#sizeProbe.bytes()
  }

  async check(): Promise<readonly string[]> {
    const faults = await checkRows(this.#db)
    for (const { id } of await this.accounts()) faults.push(...(await checkContents(this.#part(id))))
    return faults
  }

  async close(): Promise<void> {
    await this.#db.close()
    this.#ledger.flush()
  }

  async #readAccounts(): Promise<readonly AccountRow[]> {
    const rows = await this.#db.all<[AccountId, Buffer, number]>(
      'select id, sealed, created_at from account where not removed order by id',
    )
    return rows.map(([id, sealed, createdAt]) => ({
      id,
      address: this.#seal.open(sealed, purposes.address(id)).toString(),
      createdAt,
    }))
  }

  #part(id: AccountId): AccountPart {
    let found = this.#parts.get(id)
    if (found === undefined) {
      found = new AccountPart(this.#db, this.#seal, this.#ledger, id, this.#clock)
      this.#parts.set(id, found)
    }
    return found
  }

  /** A value that equals only its like and tells nothing to whoever reads the database. */
  #lookup(text: string): Buffer {
    return createHmac('sha256', this.#lookupKey).update(text).digest()
  }
}

/** Rows that go with their account at once; what is more goes by garbage.ts. */
const ownTables = [
  'secret',
  'client_password',
  'label_list',
  'sync',
  'send',
  'sent_copy',
  'subscription',
  'mailbox',
  'listing',
]
