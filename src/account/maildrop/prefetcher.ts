import { GmailError } from '#gmail/gmail.ts'
import type { MessageKey } from '#mail/ids.ts'
import type { Log } from '#mail/surroundings.ts'
import type { Book } from '../book.ts'
import type { Ghosts } from '../ghosts.ts'
import type { Intake } from '../intake.ts'
import { rowsOf } from '../records.ts'

/** Messages on their way at once. */
const width = 4
/** Rows looked up at a time. */
const rowsAhead = 100

/** Reads messages ahead for the next POP3 session, in the order in which it will want them, when nobody else wants Gmail. */
export class Prefetcher {
  readonly #book: Book
  readonly #intake: Intake
  readonly #ghosts: Ghosts
  readonly #log: Log
  readonly #signal: AbortSignal
  #wanted: readonly MessageKey[] = []
  #working: Promise<void> | undefined

  constructor(options: { book: Book; intake: Intake; ghosts: Ghosts; log: Log; signal: AbortSignal }) {
    this.#book = options.book
    this.#intake = options.intake
    this.#ghosts = options.ghosts
    this.#log = options.log
    this.#signal = options.signal
  }

  /** Does not wait. What is left of an earlier list is dropped. */
  start(keys: readonly MessageKey[]): void {
    this.#wanted = keys
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
  }

  /** Resolves when there is nothing left to do. */
  async settled(): Promise<void> {
    await this.#working
  }

  /** Never rejects: what fails is asked for again by the session that wants it. */
  async #work(): Promise<void> {
    try {
      while (this.#wanted.length > 0 && !this.#signal.aborted) {
        const some = this.#wanted.slice(0, rowsAhead)
        this.#wanted = this.#wanted.slice(rowsAhead)
        const byKey = new Map((await rowsOf(this.#book.store, some)).map((row) => [row.key, row]))
        // In the wanted order, without what was read or lost meanwhile.
        const rows = some.flatMap((key) => byKey.get(key) ?? []).filter(({ hydrated }) => !hydrated)
        const next = rows.values()
        const worker = async () => {
          for (const { key, messageId } of next) await this.#read(key, messageId)
        }
        await Promise.all(Array.from({ length: width }, worker))
      }
    } catch (error) {
      this.#wanted = []
      if (!this.#signal.aborted)
        this.#log.info({ err: error }, 'Messages could not be read ahead for the next POP3 session')
    }
  }

  async #read(key: MessageKey, id: Parameters<Intake['fetch']>[0]): Promise<void> {
    const signal = this.#signal
    signal.throwIfAborted()
    try {
      await this.#intake.keep(
        key,
        await this.#intake.fetch(id, { lane: 'prefetch', cause: 'pop-ahead', signal }),
      )
    } catch (error) {
      if (!(error instanceof GmailError) || error.kind !== 'not-found') throw error
      await this.#ghosts.missing(key)
    }
  }
}
