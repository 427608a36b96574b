import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { StoreError } from '../store.ts'
import { Durability } from './durability.ts'
import { WalFile, type SyncData } from './wal-file.ts'
import { damagedText, storeError } from './sqlite-error.ts'

/** The first SQLite without the WAL-reset bug, which can damage a file. facts/reliability.md section 3. */
const leastVersion = [3, 51, 3] as const

/** How long the opening waits for a process that is about to end. */
const lockWaitMs = 1000

/** How data get to the disk; tests stand between. */
export interface Disk {
  readonly syncData?: SyncData | undefined
  readonly retryMs?: number | undefined
}

/**
 * One connection, the only one of the file: exclusive locking keeps every other process out for as long as we live, by
 * a lock of the operating system that no kill can leave behind. Rows are arrays. Statements are prepared once.
 * Everything throws StoreError for what is the disk's or the file's fault.
 */
export class Database {
  readonly path: string
  /** Told when the disk begins to refuse transactions, and with undefined when it takes them again. */
  onWriteFault: ((fault: StoreError | undefined) => void) | undefined
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #durability: Durability
  #fullSync = true
  #writeFault: StoreError | undefined

  /** `path` is a file, made with its folder for the owner only, or `:memory:`. */
  constructor(path: string, disk: Disk = {}) {
    this.path = path
    if (path !== ':memory:') makePrivateFile(path)
    this.#db = this.#guard(() => new DatabaseSync(path, { returnArrays: true, timeout: lockWaitMs }))
    try {
      this.#assertVersion()
      this.exec('pragma locking_mode = exclusive')
      this.exec('pragma journal_mode = wal')
      // One write takes the lock for good.
      this.exec('begin exclusive; commit')
      this.exec(
        `pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -16000;
         pragma journal_size_limit = 67108864; pragma temp_store = memory`,
      )
      this.#durability = this.#newDurability(disk)
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /** Reads every page; throws StoreError `damaged` when the structure is not sound. */
  quickCheck(): void {
    const [found] = this.get<[string]>('pragma quick_check(1)') ?? ['no answer']
    if (found === 'ok') return
    const told = found.replaceAll(/\s+/g, ' ').slice(0, 200)
    throw new StoreError('damaged', `${damagedText(this.path)} (SQLite: ${told})`)
  }

  exec(sql: string): void {
    this.#guard(() => {
      this.#db.exec(sql)
    })
  }

  all<Row extends unknown[]>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#guard(() => this.prepare(sql).all(...values) as unknown as Row[])
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- whoever writes the SQL knows its columns
  get<Row extends unknown[]>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#guard(() => this.prepare(sql).get(...values) as unknown as Row | undefined)
  }

  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastInsertRowid: number } {
    return this.#guard(() => {
      const { changes, lastInsertRowid } = this.prepare(sql).run(...values)
      return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) }
    })
  }

  /** For loops: the statement itself, whose errors `transaction` translates. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /**
   * All or nothing. `durable` (the default) is on the disk when it returns, whatever happens to the power, and holds the
   * event loop until then; otherwise a power cut may take the last ones away, whole, unless `synced` was waited for.
   */
  transaction<T>(work: () => T, options: { durable: boolean } = { durable: true }): T {
    this.#durability.assertSure()
    if (options.durable !== this.#fullSync) {
      this.exec(options.durable ? 'pragma synchronous = full' : 'pragma synchronous = normal')
      this.#fullSync = options.durable
    }
    // A transaction that wrote nothing tells nothing of the disk.
    const before = this.#writeFault === undefined ? 0 : this.#rowsWritten()
    try {
      const result = this.#guard(() => this.#allOrNothing(work))
      if (this.#writeFault !== undefined && this.#rowsWritten() > before) this.#noteWrite(undefined)
      return result
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'disk') this.#noteWrite(error)
      throw error
    }
  }

  /** See `Durability.synced`. */
  synced(): Promise<void> {
    return this.#durability.synced()
  }

  /** See `Durability.syncSoon`. */
  syncSoon(): void {
    this.#durability.syncSoon()
  }

  /** See `Durability.assertSure`. */
  assertSure(): void {
    this.#durability.assertSure()
  }

  /** What the disk said when the last transaction was refused; undefined as soon as one is not. */
  get writeFault(): StoreError | undefined {
    return this.#writeFault
  }

  /** Call before `close` where `synced` was used: waits for what is on its way to the disk. True when all has arrived. */
  async settle(): Promise<boolean> {
    await this.#durability.end()
    return await this.synced().then(
      () => true,
      () => false,
    )
  }

  close(): void {
    this.#durability.close()
    this.#statements.clear()
    if (this.#db.isOpen) this.#guard(() => this.#db.close())
  }

  #newDurability({ syncData, retryMs }: Disk): Durability {
    const checkpoint = (how: 'noop' | 'truncate') =>
      this.get<[busy: number, frames: number, copied: number]>(`pragma wal_checkpoint(${how})`) ?? [1, 0, 0]
    return new Durability(this.path, {
      wal: this.path === ':memory:' ? undefined : this.#guard(() => new WalFile(this.path, syncData)),
      checkpoints: {
        frames: () => checkpoint('noop')[1],
        complete: () => {
          if (checkpoint('truncate')[0] !== 0) throw new StoreError('disk', `Cannot write ${this.path}`)
        },
      },
      onFault: (fault) => this.#noteWrite(fault),
      retryMs,
    })
  }

  #noteWrite(fault: StoreError | undefined): void {
    const isNews = (fault === undefined) !== (this.#writeFault === undefined)
    this.#writeFault = fault
    if (isNews) this.onWriteFault?.(fault)
  }

  /** Since the opening. */
  #rowsWritten(): number {
    return this.get<[number]>('select total_changes()')?.[0] ?? 0
  }

  #allOrNothing<T>(work: () => T): T {
    this.prepare('begin immediate').run()
    try {
      const result = work()
      this.prepare('commit').run()
      return result
    } catch (error) {
      // A full disk may have rolled back already.
      if (this.#db.isTransaction) this.#db.exec('rollback')
      throw error
    }
  }

  #assertVersion(): void {
    const [text] = this.get<[string]>('select sqlite_version()') ?? ['0']
    const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number)
    const [leastMajor, leastMinor, leastPatch] = leastVersion
    const tooOld =
      major < leastMajor ||
      (major === leastMajor && (minor < leastMinor || (minor === leastMinor && patch < leastPatch)))
    if (tooOld)
      throw new Error(
        `Cannot use SQLite ${text}: it must be ${leastVersion.join('.')} or newer. Update Node.`,
      )
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw storeError(error, this.path)
    }
  }
}

/** Modes mean nothing on Windows, where the data folder is under the person's own profile. */
function makePrivateFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    throw new StoreError(
      'disk',
      `Cannot make or write ${path}. Check that the folder exists, that Postern may write to it, and that there is room.`,
      { cause: error },
    )
  }
}
