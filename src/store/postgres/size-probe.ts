import type { Clock } from '#mail/surroundings.ts'
import { StoreError } from '../store.ts'
import type { Database } from './database.ts'

/** Looking at every file of every table is not free, and sizes change slowly. */
const probeEveryMs = 30_000

/** How large the schema is, indexes and long values included. */
export class SizeProbe {
  readonly #db: Database
  readonly #clock: Clock
  #askedAt = -Infinity
  #bytes = 0

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** As it was when it was asked last, while the database is away. */
  async bytes(): Promise<number> {
    const now = this.#clock.monotonicMs()
    if (now - this.#askedAt < probeEveryMs) return this.#bytes
    this.#askedAt = now
    try {
      const row = await this.#db.get<[number]>(
        `select coalesce(sum(pg_total_relation_size(oid)), 0)::float8 from pg_class
         where relnamespace = 'postern'::regnamespace and relkind in ('r', 'p', 'm')`,
      )
      this.#bytes = row?.[0] ?? this.#bytes
    } catch (error) {
      // Whether it can be reached is told elsewhere.
      if (!(error instanceof StoreError)) throw error
    }
    return this.#bytes
  }
}
