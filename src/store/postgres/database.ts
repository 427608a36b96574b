import type { Clock, Log } from '#mail/surroundings.ts'
import { StoreError } from '../store.ts'
import type { Address } from './address.ts'
import { takeLock, type Holder } from './instance-lock.ts'
import { ConnectionLost, isLost, storeError } from './postgres-error.ts'
import { Session, type Row, type Value } from './session.ts'

/** After a connection could not be made, whoever comes next hears so at once for this long. */
const restMs = 500
/** How long a commit without an answer waits for the server, to learn whether it is there. */
const defaultSettleMs = 10_000
const settleEveryMs = 200

/** What may be asked inside a transaction, one statement after the other. */
export interface Transaction {
  all<R extends Row>(sql: string, ...values: Value[]): Promise<R[]>
  get<R extends Row>(sql: string, ...values: Value[]): Promise<R | undefined>
  /** How many rows were changed. */
  run(sql: string, ...values: Value[]): Promise<number>
}

export interface DatabaseOptions {
  readonly address: Address
  readonly clock: Clock
  readonly log: Log
  /** The database is not the one that we knew any more: nothing can be read or written until a new start. */
  readonly onUnusable: (error: StoreError) => void
  readonly settleMs?: number | undefined
}

/**
 * The database, for as long as this process holds its lock. A lost connection is made again when next something is asked,
 * and what could not be done meanwhile fails with StoreError `unreachable`. Only one transaction writes at a time, and each
 * counts: so a new connection tells whether the last one was committed, whether somebody else wrote, and whether the server
 * lost what it had acknowledged.
 */
export class Database {
  readonly shown: string
  /** Told when transactions begin to fail, and with undefined when they are taken again. */
  onWriteFault: ((fault: StoreError | undefined) => void) | undefined
  readonly #options: DatabaseOptions
  #session: Session | undefined
  #opening: Promise<Session> | undefined
  #failure: { readonly error: unknown; readonly until: number } | undefined
  #holder: Holder | undefined
  #tail: Promise<unknown> = Promise.resolve()
  /** Transactions that were committed, as the database counts them; undefined until `claim`. */
  #writes: number | undefined
  /** A commit had no answer: `asked` until the next connection tells. */
  #doubt: 'none' | 'asked' | 'committed' | 'lost' = 'none'
  #unusable: StoreError | undefined
  #writeFault: StoreError | undefined
  #closed = false

  private constructor(options: DatabaseOptions) {
    this.#options = options
    this.shown = options.address.shown
  }

  /** Connects and takes the lock. Throws StoreError `locked`, `unreachable`. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const db = new Database(options)
    await db.#guard(() => db.#ready())
    return db
  }

  /** From now on every transaction counts, and nobody else's may. Call once, when the table `state` is there. */
  async claim(): Promise<void> {
    this.#writes = await this.transaction(async (tx) => {
      const [writes] = (await tx.get<[number]>('update state set writes = writes + 1 returning writes')) ?? []
      if (writes === undefined) throw new Error('The table state is empty')
      return writes
    })
  }

  /** A statement that only reads; asked again when its connection is lost. */
  all<R extends Row>(sql: string, ...values: Value[]): Promise<R[]> {
    return this.#guard(async () => {
      try {
        return (await (await this.#ready()).read<R>(sql, values)).rows
      } catch (error) {
        if (!(error instanceof ConnectionLost) && !isLost(error)) throw error
        return (await (await this.#ready()).read<R>(sql, values)).rows
      }
    })
  }

  async get<R extends Row>(sql: string, ...values: Value[]): Promise<R | undefined> {
    return (await this.all<R>(sql, ...values))[0]
  }

  /**
   * All or nothing, on the disk when it resolves. When it throws nothing was written, but for a StoreError that is `inDoubt`.
   * Serial: each sees all before it.
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const turn = this.#tail.then(() => this.#guard(() => this.#transact(work)))
    this.#tail = turn.catch(() => undefined)
    try {
      const result = await turn
      this.#noteWrite(undefined)
      return result
    } catch (error) {
      if (error instanceof StoreError && (error.kind === 'disk' || error.kind === 'unreachable'))
        this.#noteWrite(error)
      throw error
    }
  }

  /** Why the last transaction failed; undefined as soon as one did not. */
  get writeFault(): StoreError | undefined {
    return this.#unusable ?? this.#writeFault
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#tail
    await this.#opening?.catch(() => undefined)
    await this.#session?.end()
    this.#session = undefined
  }

  async #transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const session = await this.#ready()
    const result = await this.#upToCommit(session, work)
    try {
      const { command } = await session.write('commit')
      if (command !== 'COMMIT') throw new Error('A transaction with a failed statement was to be committed')
    } catch (error) {
      if (!isLost(error) || this.#writes === undefined) throw error
      // Nobody is told that it failed before that is known: what follows would build on it.
      if (await this.#wasCommitted()) return result
      throw error
    }
    if (this.#writes !== undefined) this.#writes += 1
    return result
  }

  async #upToCommit<T>(session: Session, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const before = this.#writes
    const count =
      before === undefined ? '' : `; update state set writes = ${before + 1} where writes = ${before}`
    const begun = await session.write(`begin${count}`)
    try {
      if (before !== undefined && begun.count !== 1) throw this.#giveUp('somebody else has written to it')
      return await work(transactionOn(session))
    } catch (error) {
      if (!session.isLost) await session.write('rollback').catch(() => session.lose())
      throw error
    }
  }

  /** Waits for the server to tell. Throws StoreError `unreachable`, in doubt, when it does not within the time. */
  async #wasCommitted(): Promise<boolean> {
    const { clock, settleMs = defaultSettleMs } = this.#options
    this.#doubt = 'asked'
    for (const until = clock.monotonicMs() + settleMs; ; await clock.sleep(settleEveryMs))
      try {
        await this.#ready()
        return this.#outcome() === 'committed'
      } catch (cause) {
        if (this.#unusable !== undefined) throw cause
        if (this.#closed || clock.monotonicMs() >= until)
          throw new StoreError(
            'unreachable',
            `The database ${this.shown} was lost in the middle of a commit. Postern tries again by itself.`,
            { cause: storeError(cause, this.shown), inDoubt: true },
          )
      }
  }

  /** A method, as TypeScript believes the field unchanged by what was awaited. */
  #outcome(): string {
    return this.#doubt
  }

  async #ready(): Promise<Session> {
    if (this.#unusable !== undefined) throw this.#unusable
    if (this.#session !== undefined) return this.#session
    if (this.#closed && this.#opening === undefined) throw new ConnectionLost('The store is closed')
    if (this.#opening === undefined) {
      if (this.#failure !== undefined && this.#options.clock.monotonicMs() < this.#failure.until)
        throw this.#failure.error
      this.#opening = this.#connect().finally(() => (this.#opening = undefined))
    }
    return this.#opening
  }

  async #connect(): Promise<Session> {
    const { address, clock, log } = this.#options
    const session = new Session(address, () => {
      if (this.#session !== session) return
      this.#session = undefined
      log.warn({}, 'The connection to the database was lost')
    })
    try {
      const again = this.#holder !== undefined
      await requireFit(session, this.shown)
      this.#holder = await takeLock(session, clock, this.#holder)
      if (this.#writes !== undefined) await this.#compare(session, this.#writes)
      if (session.isLost) throw new ConnectionLost('The connection was lost')
      if (again) log.info({}, 'The database is connected again')
      this.#session = session
      this.#failure = undefined
      return session
    } catch (error) {
      session.lose()
      this.#failure = { error, until: clock.monotonicMs() + restMs }
      if (this.#writes !== undefined && error instanceof StoreError && error.kind === 'locked')
        throw this.#giveUp('another Postern has taken it while the connection was lost', error)
      throw error
    }
  }

  /** Whether the database is as we left it. */
  async #compare(session: Session, writes: number): Promise<void> {
    const { rows } = await session.write<[number | string]>('select writes from state')
    const found = Number(rows[0]?.[0])
    if (found === writes) {
      if (this.#doubt === 'asked') this.#doubt = 'lost'
    } else if (found === writes + 1 && this.#doubt === 'asked') {
      this.#doubt = 'committed'
      this.#writes = found
    } else
      throw this.#giveUp(
        found < writes ? 'it lost what it had acknowledged' : 'somebody else has written to it',
      )
  }

  /** What we have in memory is true no more. */
  #giveUp(why: string, cause?: Error): StoreError {
    const error = new StoreError(
      'unreachable',
      `The database ${this.shown} cannot be used any more: ${why}. Postern must be started anew.`,
      { cause },
    )
    if (this.#unusable === undefined) {
      this.#unusable = error
      this.#options.log.error({ err: error }, 'The database changed under Postern')
      this.#options.onUnusable(error)
    }
    return error
  }

  #noteWrite(fault: StoreError | undefined): void {
    const isNews = (fault === undefined) !== (this.#writeFault === undefined)
    this.#writeFault = fault
    if (isNews) this.onWriteFault?.(fault)
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw storeError(error, this.shown)
    }
  }
}

function transactionOn(session: Session): Transaction {
  return {
    all: async <R extends Row>(sql: string, ...values: Value[]) => (await session.write<R>(sql, values)).rows,
    get: async <R extends Row>(sql: string, ...values: Value[]) =>
      (await session.write<R>(sql, values)).rows[0],
    run: async (sql, ...values) => (await session.write(sql, values)).count,
  }
}

/** Throws StoreError `unreachable`. */
async function requireFit(session: Session, shown: string): Promise<void> {
  const { rows } = await session.write<[string, string, boolean]>(
    `select current_setting('server_version_num'), current_setting('server_encoding'), pg_is_in_recovery()`,
  )
  const [version = '0', encoding = '', isReplica = true] = rows[0] ?? []
  if (Number(version) < 130_000)
    throw new StoreError('unreachable', `The database ${shown} is older than PostgreSQL 13. Update it.`)
  if (encoding !== 'UTF8')
    throw new StoreError('unreachable', `The database ${shown} is in ${encoding}. Make one in UTF8.`)
  if (isReplica) throw new StoreError('unreachable', `The database ${shown} is a replica. Name the primary.`)
  // An answer must mean that it is on the disk; a stricter setting of the server's stays.
  await session.write(
    `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
  )
}
