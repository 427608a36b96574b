import { createHmac, randomBytes } from 'node:crypto'
import type { AccountId } from '#mail/ids.ts'
import type { Clock, Log, Seal } from '#mail/surroundings.ts'
import { SealError } from '#mail/surroundings.ts'
import {
  StoreError,
  type AccountRow,
  type AccountStore,
  type ClientPasswordRow,
  type Store,
} from '../store.ts'
import { AccountPart } from './account-part.ts'
import { SqliteAccountStore } from './account-store.ts'
import { bindSingles } from './bind-singles.ts'
import { ClientPasswords } from './client-passwords.ts'
import { Database, type Disk } from './database.ts'
import { fileSize } from './file-size.ts'
import { discard, purge } from './garbage.ts'
import { InstanceLock } from './instance-lock.ts'
import { claim, migrate } from './migration.ts'
import { purposes } from '../purposes.ts'
import { damagedText } from './sqlite-error.ts'
import { tellingSeal } from '../telling-seal.ts'
import { UidLedger } from './uid-ledger.ts'
import { WriteProbe } from './write-probe.ts'

/** What the store needs. */
export interface SqliteStoreOptions {
  /** The database's file, which is made when it is not there; `:memory:` for tests. Beside it: `.lock`, `.mark`. */
  readonly path: string
  readonly seal: Seal
  readonly clock: Clock
  readonly log: Log
  readonly disk?: Disk
}

/**
 * Opens the store, or makes it. Reads every page once to see that the file is sound. Throws StoreError: `locked`,
 * `damaged`, `disk`, `newer`, `wrong-key`; then nothing was changed.
 */
export async function openSqliteStore({ path, seal, clock, log, disk }: SqliteStoreOptions): Promise<Store> {
  const lock = new InstanceLock(path)
  const db = openDatabase(path, lock, disk)
  try {
    db.quickCheck()
    lock.write(clock.now())
    claim(db)
    // Before anything is changed: a file under another key stays as it is.
    const known = databaseId(db)
    const wasSealed = known === undefined ? undefined : openLookupKey(db, seal, known)
    migrate(db, clock.now())
    const ledger = new UidLedger(db, clock.now(), log)
    const lookupKey = wasSealed ?? makeLookupKey(db, seal, ledger.database)
    await purge(db)
    return new SqliteStore({
      db,
      seal: tellingSeal(seal, damagedText(path)),
      clock,
      lock,
      ledger,
      lookupKey,
      log,
    })
  } catch (error) {
    lock.remove()
    db.close()
    throw error
  }
}

function openDatabase(path: string, lock: InstanceLock, disk: Disk | undefined): Database {
  try {
    return new Database(path, disk)
  } catch (error) {
    throw error instanceof StoreError && error.kind === 'locked' ? lock.refusal(error) : error
  }
}

function databaseId(db: Database): string | undefined {
  return db.get<[string]>(`select value from meta where name = 'database'`)?.[0]
}

/** The key by which addresses and names are looked up. Sealed, it also shows whether the seal is the right one. */
function openLookupKey(db: Database, seal: Seal, database: string): Buffer | undefined {
  const row = db.get<[Uint8Array]>(`select value from meta where name = 'lookup-key'`)
  if (row === undefined) return undefined
  try {
    return seal.open(row[0], purposes.lookupKey(database))
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    throw new StoreError(
      'wrong-key',
      `${db.path} was sealed under another key. Nothing was changed. Give Postern the key it had (POSTERN_KEY, ` +
        'POSTERN_KEY_FILE or the key file in the data folder). If that key is lost, choose a new data folder.',
      { cause: error },
    )
  }
}

function makeLookupKey(db: Database, seal: Seal, database: string): Buffer {
  const key = randomBytes(32)
  db.transaction(() =>
    db.run(`insert into meta values ('lookup-key', ?)`, seal.seal(key, purposes.lookupKey(database))),
  )
  return key
}

class SqliteStore implements Store {
  readonly #db: Database
  readonly #seal: Seal
  readonly #clock: Clock
  readonly #lock: InstanceLock
  readonly #ledger: UidLedger
  readonly #lookupKey: Buffer
  readonly #passwords: ClientPasswords
  readonly #accounts = new Map<AccountId, SqliteAccountStore>()
  /** Every login asks for them, and nobody else changes them: the store is locked. */
  #accountRows: readonly AccountRow[] | undefined
  readonly #binding: Promise<void>
  readonly #writeProbe: WriteProbe
  readonly #log: Log
  #closing = false

  constructor(parts: {
    db: Database
    seal: Seal
    clock: Clock
    lock: InstanceLock
    ledger: UidLedger
    lookupKey: Buffer
    log: Log
  }) {
    this.#db = parts.db
    this.#seal = parts.seal
    this.#clock = parts.clock
    this.#lock = parts.lock
    this.#ledger = parts.ledger
    this.#lookupKey = parts.lookupKey
    this.#passwords = new ClientPasswords(parts.db, parts.seal, (name) => this.#lookup(name))
    this.#log = parts.log
    this.#writeProbe = new WriteProbe(parts.db, parts.clock, parts.log)
    this.#binding = this.#bindSingles(parts.log)
  }

  async accounts(): Promise<readonly AccountRow[]> {
    this.#accountRows ??= this.#db
      .all<[AccountId, Uint8Array, number]>(
        'select id, sealed, created_at from account where removed = 0 order by id',
      )
      .map(([id, sealed, createdAt]) => ({
        id,
        address: this.#seal.open(sealed, purposes.address(id)).toString(),
        createdAt,
      }))
    return this.#accountRows
  }

  async addAccount(address: string): Promise<AccountRow> {
    this.#accountRows = undefined
    const lookup = this.#lookup(address.toLowerCase())
    this.#db.transaction(() => {
      const { changes, lastInsertRowid: id } = this.#db.run(
        `insert or ignore into account (lookup, sealed, created_at) values (?, x'', ?)`,
        lookup,
        this.#clock.now(),
      )
      if (changes === 0) return
      const sealed = this.#seal.seal(Buffer.from(address), purposes.address(id))
      this.#db.run('update account set sealed = ? where id = ?', sealed, id)
    })
    const [id] = this.#db.get<[number]>('select id from account where lookup = ?', lookup) ?? [0]
    const found = (await this.accounts()).find((row) => row.id === id)
    if (found === undefined) throw new Error('Cannot find the account that was just added')
    return found
  }

  async removeAccount(id: AccountId): Promise<void> {
    this.#accountRows = undefined
    this.#db.transaction(() => {
      this.#db.run('update account set removed = 1, lookup = null where id = ?', id)
      const ownTables = [
        'secret',
        'client_password',
        'label_list',
        'sync',
        'send',
        'sent_copy',
        'subscription',
      ]
      for (const table of ownTables) this.#db.run(`delete from ${table} where account = ?`, id)
      for (const [box] of this.#db.all<[number]>('select box from mailbox where account = ?', id))
        discard(this.#db, 'box', box)
      for (const [list] of this.#db.all<[number]>('select list from listing where account = ?', id))
        discard(this.#db, 'list', list)
      for (const table of ['mailbox', 'listing']) this.#db.run(`delete from ${table} where account = ?`, id)
      discard(this.#db, 'account', id)
    })
    this.#accounts.delete(id)
    this.#passwords.forget(id)
    await purge(this.#db)
  }

  account(id: AccountId): AccountStore {
    let found = this.#accounts.get(id)
    if (found === undefined) {
      found = new SqliteAccountStore(this.#part(id))
      this.#accounts.set(id, found)
    }
    return found
  }

  async secret(account: AccountId, name: string): Promise<Buffer | undefined> {
    const row = this.#db.get<[Uint8Array]>(
      'select sealed from secret where account = ? and name = ?',
      account,
      name,
    )
    return row === undefined ? undefined : this.#seal.open(row[0], purposes.secret(account, name))
  }

  async setSecret(account: AccountId, name: string, plain: Uint8Array): Promise<void> {
    this.#requireAccount(account)
    const sealed = this.#seal.seal(plain, purposes.secret(account, name))
    this.#db.transaction(() =>
      this.#db.run(
        'insert into secret values (?, ?, ?) on conflict do update set sealed = excluded.sealed',
        account,
        name,
        sealed,
      ),
    )
  }

  async removeSecret(account: AccountId, name: string): Promise<void> {
    this.#db.transaction(() =>
      this.#db.run('delete from secret where account = ? and name = ?', account, name),
    )
  }

  async clientPasswords(account: AccountId): Promise<readonly ClientPasswordRow[]> {
    return this.#passwords.list(account)
  }

  async addClientPassword(account: AccountId, row: ClientPasswordRow): Promise<void> {
    this.#requireAccount(account)
    this.#passwords.add(account, row)
  }

  async removeClientPassword(account: AccountId, name: string): Promise<boolean> {
    return this.#passwords.remove(account, name)
  }

  async touchClientPassword(account: AccountId, name: string, usedAt: number, from: string): Promise<void> {
    this.#passwords.touch(account, name, usedAt, from)
  }

  async writeFault(): Promise<string | undefined> {
    return this.#writeProbe.fault()
  }

  sizeBytes(): Promise<number> {
    return fileSize(this.#db.path)
  }

  async check(): Promise<readonly string[]> {
    const pages = this.#db.all<[string]>('pragma integrity_check(20)').map(([text]) => text)
    const strays = this.#db.get<[number]>(
      'select count(*) from membership e where not exists (select 1 from message m where m.m = e.m)',
    )?.[0]
    const beyond = this.#db.get<[number]>(
      'select count(*) from membership e join mailbox b on b.box = e.box where e.uid >= b.uid_next',
    )?.[0]
    const bare = this.#db.get<[number]>(
      'select count(*) from message m where not exists (select 1 from flags f where f.m = m.m)',
    )?.[0]
    return [
      ...pages.filter((text) => text !== 'ok'),
      ...(strays ? [`${strays} rows of mailboxes speak of messages that are not there`] : []),
      ...(beyond ? [`${beyond} rows of mailboxes have a UID that was not given yet`] : []),
      // No mailbox would show them.
      ...(bare ? [`${bare} messages have no row for their flags`] : []),
    ]
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#binding
    const settled = await this.#db.settle()
    // A mark file that knows of more commits than the disk would make a restored copy of our own database.
    for (const end of [() => settled && this.#ledger.close(), () => this.#db.close()])
      try {
        end()
      } catch (err) {
        // What was committed stays so: the next start finds it, as after a kill.
        this.#log.warn({ err }, 'The store could not be closed in full')
      }
    this.#lock.remove()
  }

  /** Nobody waits for it: what it does makes reading faster and nothing else. */
  async #bindSingles(log: Log): Promise<void> {
    try {
      const accounts = this.#db.all<[AccountId]>('select id from account where removed = 0')
      for (const [id] of accounts) await bindSingles(this.#part(id), () => this.#closing)
    } catch (err) {
      log.warn({ err }, 'Rows of the store could not be bound together; the next start tries again')
    }
  }

  #part(id: AccountId): AccountPart {
    return new AccountPart(this.#db, this.#seal, this.#ledger, id, this.#clock)
  }

  /** A value that equals only its like and tells nothing to whoever reads the file. */
  #lookup(text: string): Buffer {
    return createHmac('sha256', this.#lookupKey).update(text).digest()
  }

  #requireAccount(id: AccountId): void {
    if (this.#db.get('select 1 from account where id = ? and removed = 0', id) === undefined)
      throw new StoreError('no-account', `Cannot write for account ${id}: it was removed`)
  }
}
