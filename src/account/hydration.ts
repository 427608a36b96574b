import { GmailError } from '#gmail/gmail.ts'
import type { MessageId, MessageKey } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { MessageRow } from '#store/store.ts'
import { Bell } from './bell.ts'
import type { Book } from './book.ts'
import type { Ghosts } from './ghosts.ts'
import type { Intake } from './intake.ts'
import { allMail } from './label-rules.ts'
import { readMemberships } from './present.ts'
import { retryDelayMs } from './trouble.ts'

/** `all` reads every message ahead of need, `recent` the newest, `off` none. */
export type Prefetch = 'all' | 'recent' | 'off'

/** What `recent` means: so many of the newest, and besides everything of the last 30 days. */
const recentMessages = 500
const recentMs = 30 * 24 * 3600 * 1000

/** Messages on their way at once; Gmail's scheduler has places for eight and keeps some for those who wait. */
const width = 6
const batchMessages = 24
/** Neighbours whose dates tell whether a message that is not read yet is recent. */
const nearestMessages = 20
/** When all is read: look again, for what failed. */
const idleMs = 60_000

/** The one raw get of each message, newest first, when nobody else wants Gmail. Goes on where it was after a kill. */
export class Hydration {
  readonly #book: Book
  readonly #intake: Intake
  readonly #ghosts: Ghosts
  readonly #clock: Clock
  readonly #log: Log
  readonly #random: () => number
  readonly #prefetch: Prefetch
  readonly #bell: Bell
  readonly #retryBell: Bell
  #before: MessageId | undefined
  #queue: MessageRow[] = []
  #isAtEnd = false
  #failures = 0

  constructor(options: {
    book: Book
    intake: Intake
    ghosts: Ghosts
    clock: Clock
    log: Log
    random: () => number
    prefetch: Prefetch
  }) {
    this.#book = options.book
    this.#intake = options.intake
    this.#ghosts = options.ghosts
    this.#clock = options.clock
    this.#log = options.log
    this.#random = options.random
    this.#prefetch = options.prefetch
    this.#bell = new Bell(options.clock)
    this.#retryBell = new Bell(options.clock)
  }

  /** There may be messages that were not there, or in no mailbox, before: the newest first again. */
  startAgain(): void {
    this.#before = undefined
    this.#isAtEnd = false
    this.#bell.ring()
  }

  /** What failed may succeed now. */
  retry(): void {
    if (this.#failures > 0) this.#retryBell.ring()
  }

  /** Works until aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#prefetch === 'off') return
    while (!signal.aborted) {
      let restMs = idleMs
      try {
        await this.#pass(signal)
        this.#failures = 0
      } catch (error) {
        if (signal.aborted) return
        this.#failures++
        restMs = retryDelayMs(error, this.#failures, this.#random)
        const fields = { err: error, failures: this.#failures, restMs: Math.round(restMs) }
        this.#log.warn(fields, 'Reading messages ahead has to wait')
      }
      try {
        await (this.#failures > 0 ? this.#retryBell : this.#bell).wait(restMs, signal)
      } catch {
        return
      }
      this.#before = undefined
      this.#isAtEnd = false
    }
  }

  /** From the newest to the oldest that is wanted. */
  async #pass(signal: AbortSignal): Promise<void> {
    const stop = new AbortController()
    const both = AbortSignal.any([signal, stop.signal])
    let refilling: Promise<void> = Promise.resolve()
    const next = async (): Promise<MessageRow | undefined> => {
      while (this.#queue.length === 0 && !this.#isAtEnd && !both.aborted) {
        refilling = refilling.then(() =>
          // Another who waited may have filled it, or have found the end.
          this.#queue.length === 0 && !this.#isAtEnd ? this.#refill() : undefined,
        )
        await refilling
      }
      return both.aborted ? undefined : this.#queue.shift()
    }
    const worker = async () => {
      for (let row = await next(); row !== undefined; row = await next()) await this.#read(row, both)
    }
    const workers = Array.from({ length: width }, worker)
    try {
      await Promise.all(workers)
    } catch (error) {
      stop.abort(error)
      await Promise.allSettled(workers)
      throw error
    }
  }

  async #refill(): Promise<void> {
    const { store } = this.#book
    const before = this.#before
    const rows = await store.unhydrated(batchMessages, before)
    const last = rows.at(-1)
    if (last === undefined) this.#isAtEnd = true
    // Somebody may have asked to start again meanwhile.
    if (this.#before === before) this.#before = last?.messageId
    const memberships = await readMemberships(
      store,
      rows.map(({ key }) => key),
    )
    // What is in no mailbox is seen by nobody: a chat, or a message that a first listing has not placed yet.
    const placed = rows.filter(({ key }) => memberships(key).length > 0)
    const [first] = placed
    if (first !== undefined && this.#prefetch === 'recent' && !(await this.#isRecent(first.key))) {
      this.#isAtEnd = true
      return
    }
    this.#queue.push(...placed)
  }

  async #read({ key, messageId }: MessageRow, signal: AbortSignal): Promise<void> {
    try {
      const fetched = await this.#intake.fetch(messageId, { lane: 'prefetch', cause: 'hydrate', signal })
      await this.#intake.keep(key, fetched)
    } catch (error) {
      if (!(error instanceof GmailError) || error.kind !== 'not-found') throw error
      const outcome = await this.#ghosts.missing(key)
      this.#log.info({ outcome }, 'Gmail lists a message that it does not have')
    }
  }

  /** By its place in All Mail and the date of the nearest newer message that is read; no get is spent to find out. */
  async #isRecent(key: MessageKey): Promise<boolean> {
    const { store } = this.#book
    const mailbox = this.#book.mailboxOf(allMail)
    if (mailbox === undefined) return false
    const member = (await store.memberships([key])).find((row) => row.mailbox === mailbox.id)
    if (member === undefined) return false
    const newer = await store.snapshot(mailbox.id, member.uid + 1, recentMessages)
    if (newer.keys.length < recentMessages) return true
    const nearest = Array.from(newer.keys.subarray(0, nearestMessages)) as MessageKey[]
    const read = await store.content(nearest, { header: false })
    const oldest = Math.min(...read.map(({ internalDate }) => internalDate))
    return oldest >= this.#clock.now() - recentMs
  }
}
