import { GmailError } from '#gmail/gmail.ts'
import type { Gmail } from '#gmail/gmail.ts'
import { GrantError } from '#mail/errors.ts'
import type { LabelId, MessageId } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import { Bell } from '../bell.ts'
import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'
import type { Ghosts } from '../ghosts.ts'
import { readableWithinMs } from '../ghosts.ts'
import type { Fetched, Intake } from '../intake.ts'
import { breathe, placesOf, readPresent, slicesOf } from '../present.ts'
import { retryDelayMs } from '../trouble.ts'
import { applyHistory, labelsAfter } from './apply-history.ts'
import type { Arrival, Asked } from './apply-history.ts'
import { applyLabels } from './apply-labels.ts'
import { begin } from './beginning.ts'
import { labelsInFold } from './history-fold.ts'
import type { Effect } from './history-fold.ts'
import { readHistory } from './history-reading.ts'
import type { Stretch } from './history-reading.ts'
import { Listing } from './listing.ts'
import { nextPhase } from './phase.ts'

/** Without a client nobody sees new mail sooner. */
const idlePollMs = 60_000
/** Renames leave no trace in history: labels.list is read this often while a client is there, 1 unit each. */
const labelsEveryMs = 5 * 60_000
/** A poke after a younger answer has nothing to find out. */
const freshMs = 1000
/** How long somebody is kept waiting for a fresh state when Gmail is slow. */
const freshPatienceMs = 5000
/** More messages than this that history does not explain are cheaper listed than got. */
const unsureLimit = 100
const messagesPerCommit = 250
/** A change of ours that was committed while history was read may be newer than it: read again, but not for ever. */
const rereadLimit = 3
const puzzlesLimit = 10_000

export interface SyncOptions {
  readonly book: Book
  readonly gmail: Gmail
  readonly intake: Intake
  readonly ghosts: Ghosts
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly pollMs: number
  readonly categories: boolean
  /** The sentence for a person whose grant has ended. */
  readonly alertOf: (error: GrantError) => string
  /** New messages, oldest first. */
  readonly onArrival: (messages: readonly Arrival[]) => void
  readonly onState: () => void
}

/** Monotonic times, in milliseconds. */
interface Unreadable {
  readonly since: number
  readonly nextAt: number
}

/** When to ask again for a message that answered 404, ever more seldom; undefined when it has had its time. */
function unreadableAgain(waiting: Unreadable | undefined, now: number): Unreadable | undefined {
  const since = waiting?.since ?? now
  const age = now - since
  return age > readableWithinMs ? undefined : { since, nextAt: now + Math.max(1000, age) }
}

/** Keeps the store true. The machine is written out in SPEC.md; this makes its calls. */
export class Sync {
  readonly #options: SyncOptions
  readonly #bell: Bell
  readonly #grantBell: Bell
  readonly #listing: Listing
  readonly #waiting = new Set<() => void>()
  readonly #troubled = new Set<() => void>()
  /** Label ids on messages that labels.list does not know. Fact sheet section 7, quirk 10. */
  readonly #puzzles = new Set<LabelId>()
  /** Messages that history tells of and that cannot be read yet. */
  readonly #unreadable = new Map<MessageId, Unreadable>()
  #clients = 0
  #failures = 0
  #ownChanges = 0
  #answeredAt: number | undefined
  #labelsAt: number | undefined
  #alert: string | undefined
  #trouble: unknown

  constructor(options: SyncOptions) {
    this.#options = options
    this.#bell = new Bell(options.clock)
    this.#grantBell = new Bell(options.clock)
    this.#listing = new Listing({ ...options, onStrangeLabel: (signal) => this.#readLabels(signal) })
  }

  get alert(): string | undefined {
    return this.#alert
  }

  /** Why the last step failed; undefined while all is well. */
  get trouble(): unknown {
    return this.#trouble
  }

  /** Calls back after a step that failed, or that others found out about. */
  onTrouble(listener: () => void): () => void {
    this.#troubled.add(listener)
    return () => this.#troubled.delete(listener)
  }

  /** Monotonic time of the last answer that told the present; undefined before the first. */
  get answeredAt(): number | undefined {
    return this.#answeredAt
  }

  /** Works until aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let restMs: number
      try {
        restMs = await this.#step(signal)
        this.#failures = 0
        this.#setTrouble(undefined)
      } catch (error) {
        if (signal.aborted) return
        this.#failures++
        this.#setTrouble(error)
        restMs = retryDelayMs(error, this.#failures, this.#options.random)
        this.#report(error, restMs)
      }
      this.#wake()
      try {
        // What a grant allows is not found out by asking more often.
        if (this.#trouble instanceof GrantError) await this.#grantBell.wait(restMs, signal)
        else if (restMs > 0) await this.#bell.wait(restMs, signal)
      } catch {
        return
      }
    }
  }

  /** A client waits for the mailbox of this label. */
  urge(label: LabelId): void {
    this.#listing.urge(label)
    if (this.#options.book.sync.phase !== 'listing') this.#bell.ring()
  }

  attach(): () => void {
    this.#clients++
    if (this.#clients === 1) this.#bell.ring()
    else this.poke()
    let left = false
    return () => {
      if (!left) this.#clients--
      left = true
    }
  }

  poke(): void {
    if (this.#age() > freshMs) this.#bell.ring()
  }

  /** There is news at Gmail, somebody knows. */
  askSoon(): void {
    this.#bell.ring()
  }

  /** Resolves when the last answer is at most a poll old, when polling fails, or after a while. Never throws. */
  async fresh(signal: AbortSignal): Promise<void> {
    const { book, clock, pollMs } = this.#options
    const phase = book.sync.phase
    if (this.#age() <= pollMs || (phase !== 'live' && phase !== 'catching-up') || signal.aborted) return
    const answered = new AbortController()
    const wake = () => answered.abort()
    this.#bell.ring()
    if (this.#trouble !== undefined) return
    this.#waiting.add(wake)
    try {
      await clock.sleep(freshPatienceMs, AbortSignal.any([signal, answered.signal]))
    } catch {
      // Aborted: answered, or the caller left.
    } finally {
      this.#waiting.delete(wake)
    }
  }

  /** A change of ours was committed. */
  changedByUs(): void {
    this.#ownChanges++
  }

  /** There is a new grant: no need to wait for the next try. */
  reconnected(): void {
    this.#grantBell.ring()
  }

  /** Somebody else's call found out how the grant is. */
  heard(error: unknown): void {
    if (error instanceof GrantError && this.#alert === undefined) this.#setTrouble(error)
  }

  #age(): number {
    return this.#answeredAt === undefined ? Infinity : this.#options.clock.monotonicMs() - this.#answeredAt
  }

  #setTrouble(error: unknown): void {
    const before = this.#alert
    this.#trouble = error
    if (error instanceof GrantError) this.#alert = this.#options.alertOf(error)
    else if (error === undefined) this.#alert = undefined
    if (before !== this.#alert) this.#options.onState()
    if (error !== undefined) for (const listener of this.#troubled) listener()
  }

  #report(error: unknown, restMs: number): void {
    const { log, book } = this.#options
    const fields = {
      err: error,
      phase: book.sync.phase,
      failures: this.#failures,
      restMs: Math.round(restMs),
    }
    if (error instanceof GmailError || error instanceof GrantError)
      log.warn(fields, 'Synchronising has to wait')
    else log.error(fields, 'Synchronising failed, trying again')
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }

  /** One step of the machine; how long to rest before the next. */
  async #step(signal: AbortSignal): Promise<number> {
    const { book, gmail, categories, clock, pollMs } = this.#options
    switch (book.sync.phase) {
      case 'unsynced':
      case 'expired':
        await begin(book, gmail, { categories, nowMs: clock.now(), signal })
        this.#labelsAt = clock.monotonicMs()
        this.#puzzles.clear()
        return 0
      case 'listing':
        await this.#listing.run(signal)
        return 0
      case 'catching-up':
      case 'live': {
        if (!(await this.#catchUp(signal))) return 0
        const poll = this.#clients > 0 ? pollMs : idlePollMs
        return this.#unreadable.size > 0 ? Math.min(poll, pollMs) : poll
      }
    }
  }

  /** Reads history up to the present and applies it; false when another phase has to come first. */
  async #catchUp(signal: AbortSignal): Promise<boolean> {
    const { book, gmail, clock } = this.#options
    const labelsAge = this.#labelsAt === undefined ? Infinity : clock.monotonicMs() - this.#labelsAt
    if (this.#clients > 0 && labelsAge > labelsEveryMs) {
      await this.#readLabels(signal)
      if (book.sync.phase === 'listing') return false
    }
    for (let reads = 1; ; reads++) {
      const start = book.sync.historyId
      if (start === undefined)
        throw new Error(`Cannot read history while ${book.sync.phase}: there is no history id`)
      const ownChanges = this.#ownChanges
      const stretch = await readHistory(gmail, start, signal)
      const asked = stretch === 'lost' ? 'lost' : await this.#explain(stretch, signal)
      if (stretch === 'lost' || asked === 'lost') {
        await book.write((entry) => entry.setSync({ phase: nextPhase(book.sync.phase, 'history-lost') }))
        return false
      }
      if (asked === 'relist') return false
      if (ownChanges !== this.#ownChanges && reads < rereadLimit) continue
      await this.#apply(stretch, asked, signal)
      this.#answeredAt = clock.monotonicMs()
      this.#options.onState()
      return true
    }
  }

  /** Finds out what history leaves open: labels that are new, and the labels of messages it does not explain. */
  async #explain(
    { effects }: Stretch,
    signal: AbortSignal,
  ): Promise<Map<MessageId, Fetched | 'gone'> | 'relist' | 'lost'> {
    const { book, clock, intake } = this.#options
    const known = new Set(book.labels.map(({ id }) => id))
    const strange = [...labelsInFold(effects)].filter((id) => !known.has(id) && !this.#puzzles.has(id))
    if (strange.length > 0) {
      await this.#readLabels(signal)
      const listed = new Set(book.labels.map(({ id }) => id))
      if (this.#puzzles.size > puzzlesLimit) this.#puzzles.clear()
      for (const id of strange) if (!listed.has(id)) this.#puzzles.add(id)
      if (book.sync.phase === 'listing') return 'relist'
    }
    const unsure = await this.#unsureOf([...effects.values()])
    if (unsure.length > unsureLimit) return 'lost'
    const asked = new Map<MessageId, Fetched | 'gone'>()
    for (const id of this.#unreadable.keys())
      if (!unsure.some(({ ref }) => ref.messageId === id)) this.#unreadable.delete(id)
    const now = clock.monotonicMs()
    await Promise.all(
      unsure.map(async ({ ref: { messageId }, arrived }) => {
        const waiting = this.#unreadable.get(messageId)
        if (waiting !== undefined && now < waiting.nextAt) return
        try {
          asked.set(messageId, await intake.fetch(messageId, { lane: 'sync', cause: 'history', signal }))
          this.#unreadable.delete(messageId)
        } catch (error) {
          if (!(error instanceof GmailError) || error.kind !== 'not-found') throw error
          const next = unreadableAgain(waiting, now)
          if (arrived && next !== undefined) this.#unreadable.set(messageId, next)
          else {
            this.#unreadable.delete(messageId)
            asked.set(messageId, 'gone')
          }
        }
      }),
    )
    return asked
  }

  async #unsureOf(effects: readonly Effect[]): Promise<Effect[]> {
    const { book } = this.#options
    const unsure: Effect[] = []
    for (const slice of slicesOf(effects, messagesPerCommit)) {
      const ids = slice.map(({ ref }) => ref.messageId)
      const presentOf = await readPresent(book.store, ids)
      const places = placesOf(book)
      for (const effect of slice)
        if (labelsAfter(effect, presentOf(effect.ref.messageId), places) === 'unsure') unsure.push(effect)
      await breathe()
    }
    return unsure
  }

  /** In several commits when there is much; the history id goes with the last one. */
  async #apply(
    stretch: Stretch,
    asked: Map<MessageId, Fetched | 'gone'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { book, intake, ghosts, onArrival } = this.#options
    const labels = new Map(
      [...asked].map(([id, found]) => [id, found === 'gone' ? found : new Set(found.labelIds)] as const),
    )
    const effects = [...stretch.effects.values()]
    const news: Arrival[] = []
    const slices = effects.length === 0 ? [[]] : [...slicesOf(effects, messagesPerCommit)]
    for (const [index, slice] of slices.entries()) {
      signal.throwIfAborted()
      const arrived = await book.write(async (entry) => {
        if (index === slices.length - 1) this.#sign(entry, stretch)
        return await this.#applySlice(entry, slice, labels)
      })
      news.push(...arrived)
      await breathe()
    }
    for (const { key, messageId } of news) {
      ghosts.arrived(key)
      const fetched = asked.get(messageId)
      if (fetched !== undefined && fetched !== 'gone') intake.keepAside(key, fetched)
    }
    if (news.length > 0) onArrival(news)
  }

  #sign(entry: Entry, { historyId }: Stretch): void {
    const { sync } = this.#options.book
    const phase = nextPhase(sync.phase, 'caught-up')
    if (phase !== sync.phase) entry.setSync({ phase })
    // What cannot be read yet must be told again, after a kill too.
    if (this.#unreadable.size === 0 && historyId !== sync.historyId) entry.setSync({ historyId })
  }

  async #applySlice(entry: Entry, slice: readonly Effect[], asked: Asked): Promise<Arrival[]> {
    const { book } = this.#options
    const presentOf = await readPresent(
      book.store,
      slice.map(({ ref }) => ref.messageId),
    )
    return applyHistory(entry, slice, presentOf, asked, placesOf(book))
  }

  async #readLabels(signal: AbortSignal): Promise<void> {
    const { book, gmail, clock, categories } = this.#options
    const labels = await gmail.labels({ lane: 'sync', cause: 'labels', signal })
    this.#labelsAt = clock.monotonicMs()
    await book.write((entry) => {
      const { added } = applyLabels(entry, book, labels, { categories, nowMs: clock.now() })
      if (added.size > 0) entry.setSync({ phase: nextPhase(book.sync.phase, 'label-appeared') })
    })
  }
}
