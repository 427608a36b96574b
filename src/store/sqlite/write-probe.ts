import type { Clock, Log } from '#mail/surroundings.ts'
import { StoreError } from '../store.ts'
import type { Database } from './database.ts'

/** Whoever asks more often hears what is known: probes may come from anywhere, and each is a write to the disk. */
const probeEveryMs = 2000

/** Whether the file can be written; the log hears of it when that changes. */
export class WriteProbe {
  readonly #db: Database
  readonly #clock: Clock
  #probedAt = -Infinity

  constructor(db: Database, clock: Clock, log: Log) {
    this.#db = db
    this.#clock = clock
    db.onWriteFault = (err) => {
      if (err === undefined) log.info({}, 'The store can be written again')
      else
        log.error({ err }, 'The store cannot be written: what is there is still served, changes are refused')
    }
  }

  /** Why not, in a sentence for the operator; undefined when it can. */
  fault(): string | undefined {
    const now = this.#clock.monotonicMs()
    if (now - this.#probedAt >= probeEveryMs) {
      this.#probedAt = now
      this.#write()
    }
    return this.#db.writeFault?.message
  }

  #write(): void {
    try {
      this.#db.transaction(() =>
        this.#db.run(
          `insert into meta values ('probed-at', ?) on conflict do update set value = excluded.value`,
          this.#clock.now(),
        ),
      )
    } catch (error) {
      // A disk fault is remembered by the database.
      if (!(error instanceof StoreError)) throw error
    }
  }
}
