import type { Socket } from 'node:net'
import postgres from 'postgres'
import { statementMs, type Address } from './address.ts'
import { ConnectionLost, isLost } from './postgres-error.ts'
import { Sockets } from './sockets.ts'

/** Values of a statement. */
export type Value = string | number | boolean | Uint8Array | null

/** Rows come as arrays, as in sqlite/database.ts. */
export type Row = unknown[]

export interface Answer<R extends Row> {
  readonly rows: R[]
  /** Rows that were read or changed. */
  readonly count: number
  /** The first word of the last statement: `COMMIT`. */
  readonly command: string
}

type Pool = ReturnType<typeof connect>

/** Besides the one that writes. */
const readers = 3
/** How much longer than the server we wait: then the network is to blame. */
const graceMs = 10_000

/**
 * A few connections that live and die together: one that writes, and holds the lock of the instance as long as it lives, and
 * some that read. The driver would open a lost one again by itself; here that is a new session, which must first prove that
 * the database is still ours.
 */
export class Session {
  readonly #writer: Pool
  readonly #readers: Pool
  readonly #sockets: readonly [writer: Sockets, readers: Sockets]
  readonly #pending = new Set<(error: Error) => void>()
  readonly #onLost: () => void
  #isLost = false

  /** Connects with the first statement. */
  constructor(address: Address, onLost: () => void) {
    this.#onLost = onLost
    this.#sockets = [new Sockets(address, 1), new Sockets(address, readers)]
    const onclose = () => this.lose()
    this.#writer = connect({ ...address.options, max: 1, onclose }, this.#sockets[0])
    this.#readers = connect({ ...address.options, max: readers, onclose }, this.#sockets[1])
  }

  get isLost(): boolean {
    return this.#isLost
  }

  read<R extends Row>(sql: string, values: readonly Value[]): Promise<Answer<R>> {
    return this.#run(this.#readers, sql, values)
  }

  /** One at a time: the caller waits for the answer before the next. Without values there may be several statements in one. */
  write<R extends Row>(sql: string, values: readonly Value[] = []): Promise<Answer<R>> {
    return this.#run(this.#writer, sql, values)
  }

  /** Ends it at once; what has no answer yet fails with ConnectionLost. */
  lose(): void {
    if (this.#isLost) return
    this.#isLost = true
    for (const reject of this.#pending) reject(new ConnectionLost('The connection was lost'))
    this.#pending.clear()
    for (const pool of [this.#writer, this.#readers]) void pool.end({ timeout: 0 })
    for (const sockets of this.#sockets) sockets.destroy()
    this.#onLost()
  }

  /** Ends it when all is answered. */
  async end(): Promise<void> {
    this.#isLost = true
    await Promise.all([this.#writer, this.#readers].map((pool) => pool.end({ timeout: 5 })))
    for (const sockets of this.#sockets) sockets.destroy()
  }

  async #run<R extends Row>(pool: Pool, sql: string, values: readonly Value[]): Promise<Answer<R>> {
    if (this.#isLost) throw new ConnectionLost('The connection was lost')
    const { promise, resolve, reject } = Promise.withResolvers<Answer<R>>()
    this.#pending.add(reject)
    const deadline = setTimeout(() => this.lose(), statementMs + graceMs)
    // A statement that the driver forgets when its connection breaks is ended by `lose`.
    pool
      .unsafe<R[]>(sql, [...values], { prepare: values.length > 0 })
      .values()
      .then(
        (rows) => resolve({ rows: rows as unknown as R[], count: rows.count ?? 0, command: rows.command }),
        reject,
      )
    try {
      return await promise
    } catch (error) {
      if (isLost(error)) this.lose()
      throw error
    } finally {
      clearTimeout(deadline)
      this.#pending.delete(reject)
    }
  }
}

function connect(options: Address['options'], sockets: Sockets) {
  // The types of the driver do not know of `socket`.
  const all: Address['options'] & { socket: () => Promise<Socket> } = {
    ...options,
    socket: () => sockets.connect(),
  }
  return postgres(all)
}
