import type { Gmail } from '#gmail/gmail.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Book } from './book.ts'
import type { Phase } from './sync/phase.ts'
import type { Sync } from './sync/sync.ts'

/** What a person or a page may want to know of an account. */
export interface AccountState {
  readonly phase: Phase
  readonly messages: number
  /** Of these, how many have been read. */
  readonly hydrated: number
  /** Mailboxes, and how many of them can be selected. */
  readonly mailboxes: { readonly whole: number; readonly total: number }
  /** Ids that the listings under way have given so far. */
  readonly listed: number
  readonly alert: string | undefined
  /** Epoch milliseconds of the last answer that told the present; undefined before the first. */
  readonly lastPollAt: number | undefined
  /** How long reading the rest takes at the pace that the quota allows, in milliseconds. */
  readonly etaMs: number
}

/** Listeners are not called more often. */
const tellEveryMs = 250
/** Units of a messages.get. Fact sheet section 1.2. */
const getUnits = 20

/** Follows the commits and tells those who watch. */
export class Progress {
  readonly #book: Book
  readonly #gmail: Gmail
  readonly #sync: Sync
  readonly #clock: Clock
  readonly #log: Log
  readonly #listeners = new Set<() => void>()
  readonly #stop: () => void
  #counts: { readonly messages: number; readonly hydrated: number }
  #isStale = false
  #timer: NodeJS.Timeout | undefined

  private constructor(
    options: { book: Book; gmail: Gmail; sync: Sync; clock: Clock; log: Log },
    counts: { readonly messages: number; readonly hydrated: number },
  ) {
    this.#book = options.book
    this.#gmail = options.gmail
    this.#sync = options.sync
    this.#clock = options.clock
    this.#log = options.log
    this.#counts = counts
    this.#stop = this.#book.onCommit((_entry, { newMessages, forget, content }) => {
      if (newMessages !== undefined || forget !== undefined || content !== undefined) this.#isStale = true
      this.changed()
    })
  }

  static async open(options: {
    book: Book
    gmail: Gmail
    sync: Sync
    clock: Clock
    log: Log
  }): Promise<Progress> {
    return new Progress(options, await options.book.store.hydration())
  }

  state(): AccountState {
    const rows = [...this.#book.mailboxes.values()].filter(({ gone }) => !gone)
    const { messages, hydrated } = this.#counts
    const { answeredAt } = this.#sync
    let listed = 0
    for (const { stage, staged } of this.#book.listings.values()) if (stage !== 'done') listed += staged
    return {
      phase: this.#book.sync.phase,
      messages,
      hydrated,
      mailboxes: { whole: rows.filter(({ whole }) => whole).length, total: rows.length },
      listed,
      alert: this.#sync.alert,
      lastPollAt:
        answeredAt === undefined ? undefined : this.#clock.now() - (this.#clock.monotonicMs() - answeredAt),
      etaMs: Math.ceil(((messages - hydrated) * getUnits * 60_000) / this.#gmail.budget().unitsPerMinute),
    }
  }

  onState(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells the listeners soon. */
  changed(): void {
    this.#timer ??= setTimeout(() => void this.#tell(), tellEveryMs)
    this.#timer.unref()
  }

  close(): void {
    this.#stop()
    clearTimeout(this.#timer)
    this.#listeners.clear()
  }

  async #tell(): Promise<void> {
    this.#timer = undefined
    if (this.#isStale) {
      this.#isStale = false
      try {
        this.#counts = await this.#book.store.hydration()
      } catch (error) {
        this.#log.warn({ err: error }, 'Messages could not be counted')
      }
    }
    for (const listener of this.#listeners) listener()
  }
}
