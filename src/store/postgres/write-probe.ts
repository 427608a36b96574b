import type { Clock, Log } from '#mail/surroundings.ts'
import { StoreError } from '../store.ts'
import type { Database } from './database.ts'

/** Whoever asks more often hears what is known: probes may come from anywhere, and each is a write to the database. */
const probeEveryMs = 2000

/** Whether the database can be written; the log hears of it when that changes. */
export class WriteProbe {
  readonly #db: Database
  readonly #clock: Clock
  #probedAt = -Infinity

  constructor(db: Database, clock: Clock, log: Log) {
    this.#db = db
    this.#clock = clock
    db.onWriteFault = (err) => {
      if (err === undefined) log.info({}, 'The store can be written again')
      else log.error({ err }, 'The store cannot be written: changes are refused until it can')
    }
  }

  /** Why not, in a sentence for the operator; undefined when it can. */
  async fault(): Promise<string | undefined> {
    const now = this.#clock.monotonicMs()
    if (now - this.#probedAt >= probeEveryMs) {
      this.#probedAt = now
      await this.#write()
    }
    return this.#db.writeFault?.message
  }

  async #write(): Promise<void> {
    try {
      await this.#db.transaction((tx) => tx.run('update state set probed_at = $1', this.#clock.now()))
    } catch (error) {
      // The database remembers it.
      if (!(error instanceof StoreError)) throw error
    }
  }
}
