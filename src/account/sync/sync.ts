import { GmailError } from '#gmail/gmail.ts'
import type { Gmail } from '#gmail/gmail.ts'
import { GrantError } from '#mail/errors.ts'
import type { LabelId, MessageKey } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import { Bell } from '../bell.ts'
import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'
import type { Ghosts } from '../ghosts.ts'
import type { Intake } from '../intake.ts'
import { retryDelayMs } from '../trouble.ts'
import type { Arrival } from './apply-history.ts'
import { applyLabels } from './apply-labels.ts'
import { begin } from './beginning.ts'
import { Explainer } from './explainer.ts'
import type { Explanation } from './explainer.ts'
import type { Effects } from './history-fold.ts'
import { readHistory } from './history-reading.ts'
import type { Stretch } from './history-reading.ts'
import { writeHistory } from './history-writing.ts'
import { Listing } from './listing.ts'
import { nextPhase } from './phase.ts'
import { Touched } from './touched.ts'
import type { UnderWay } from './touched.ts'

/** Without a client nobody sees new mail sooner. */
const idlePollMs = 60_000
/** While Gmail tells of changes by itself; a notice may be lost or late, and then news are never older than this. */
const toldPollMs = 2 * 60_000
const toldIdlePollMs = 10 * 60_000
/** Renames leave no trace in history: labels.list is read this often while a client is there, 1 unit each. */
const labelsEveryMs = 5 * 60_000
/** When somebody looks at the list of mailboxes, it is read again if it is older. */
const labelsLookedAtMs = 30_000
/** A poke after a younger answer has nothing to find out. */
const freshMs = 1000
/** What a client says first is answered before Gmail is asked on its behalf. */
const afterAttachMs = 100
/** How long somebody is kept waiting for a fresh state when Gmail is slow. */
const freshPatienceMs = 5000
/** A change of ours that was committed while the labels were read may be newer than they: read again, but not for ever. */
const rereadLimit = 12
/** What history says of a message that we changed meanwhile waits for more history: so often at once, then for the next poll. */
const roundsAtOnce = 6
/** Before a round, twice as long each time: whoever changes one message often changes more. */
const roundAfterMs = 10
const roundAfterAtMostMs = 500
/** A round waits for our own changes that are under way: one call, commonly. */
const settledWithinMs = 2000

export interface SyncOptions {
  readonly book: Book
  readonly gmail: Gmail
  readonly intake: Intake
  readonly ghosts: Ghosts
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly pollMs: number
  /** Whether Gmail tells of changes by itself. */
  readonly isTold: () => boolean
  readonly categories: boolean
  /** The sentence for a person whose grant has ended. */
  readonly alertOf: (error: GrantError) => string
  /** New messages, oldest first. */
  readonly onArrival: (messages: readonly Arrival[]) => void
  readonly onState: () => void
}

/** Keeps the store true. The machine is written out in SPEC.md; this makes its calls. */
export class Sync {
  readonly #options: SyncOptions
  readonly #bell: Bell
  readonly #grantBell: Bell
  readonly #listing: Listing
  readonly #explainer: Explainer
  readonly #waiting = new Set<() => void>()
  readonly #troubled = new Set<() => void>()
  #clients = 0
  #failures = 0
  /** How often the history was lost since it was last read to its end. */
  #losses = 0
  #ownChanges = 0
  readonly #touched: Touched
  /** What history says of messages that we changed while it was read, up to this id. Only in memory: the store's id is older. */
  #carried: { readonly effects: Effects; readonly historyId: bigint } | undefined
  #answeredAt: number | undefined
  #labelsAt: number | undefined
  #labelsLookedAt = false
  #alert: string | undefined
  #trouble: unknown

  constructor(options: SyncOptions) {
    this.#options = options
    this.#touched = new Touched(options.book)
    this.#bell = new Bell(options.clock)
    this.#grantBell = new Bell(options.clock)
    const readLabels = (signal: AbortSignal) => this.#readLabels(signal)
    this.#listing = new Listing({ ...options, onStrangeLabel: readLabels })
    this.#explainer = new Explainer({ ...options, readLabels })
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
        // What a grant allows is not found out by asking more often, nor is a history that is lost again and again.
        if (this.#trouble instanceof GrantError || this.#losses > 1)
          await this.#grantBell.wait(restMs, signal)
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

  /** How many clients are attached. */
  get clients(): number {
    return this.#clients
  }

  attach(): () => void {
    this.#clients++
    // Whoever comes to what is old waits for its first SELECT to be of now.
    if (this.#clients === 1 && !this.isFresh) this.#bell.ring()
    else void this.#lookSoon(this.#clients === 1)
    let left = false
    return () => {
      if (!left) this.#clients--
      left = true
    }
  }

  async #lookSoon(isFirst: boolean): Promise<void> {
    await this.#options.clock.sleep(afterAttachMs)
    if (this.#clients === 0) return
    // Until now nobody was there, and polls were rare.
    if (isFirst) this.#bell.ring()
    else this.poke()
  }

  poke(): void {
    if (this.#age() > freshMs) this.#bell.ring()
  }

  /** Somebody looks at the list of mailboxes: Gmail tells of a new or renamed label only when it is asked. */
  labelsLookedAt(): void {
    if (this.#labelsLookedAt || this.#labelsAge() <= labelsLookedAtMs || this.#clients === 0) return
    this.#labelsLookedAt = true
    this.#bell.ring()
  }

  /**
   * Gmail tells of a change; what has been read so far already costs nothing. `historyId`: undefined when it is not known. Gives
   * whether Gmail is asked for it.
   */
  noticed(historyId: bigint | undefined): boolean {
    const known = this.#options.book.sync.historyId
    const isNews = historyId === undefined || known === undefined || historyId > known
    if (isNews) this.#bell.ring()
    return isNews
  }

  /** There is news at Gmail, somebody knows. */
  askSoon(): void {
    this.#bell.ring()
  }

  /** Whether nobody need wait: the last answer is at most a poll old, or it will be long until there is one. */
  get isFresh(): boolean {
    const { book, pollMs } = this.#options
    const { phase } = book.sync
    return this.#age() <= pollMs || (phase !== 'live' && phase !== 'catching-up')
  }

  /** Resolves when the last answer is at most a poll old, when polling fails, or after a while. Never throws. */
  async fresh(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    if (this.isFresh || signal.aborted) return
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

  /** See `Touched.changing`. */
  changing(keys: Iterable<MessageKey>): UnderWay {
    return this.#touched.changing(keys)
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

  #pollMs(): number {
    const { pollMs, isTold } = this.#options
    const usual = this.#clients > 0 ? pollMs : idlePollMs
    return isTold() ? Math.max(usual, this.#clients > 0 ? toldPollMs : toldIdlePollMs) : usual
  }

  #labelsAge(): number {
    return this.#labelsAt === undefined ? Infinity : this.#options.clock.monotonicMs() - this.#labelsAt
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
        this.#explainer.startAgain()
        return 0
      case 'listing':
        await this.#listing.run(signal)
        return 0
      case 'catching-up':
      case 'live': {
        if (!(await this.#catchUp(signal))) return this.#restAfterLoss()
        const poll = this.#pollMs()
        return this.#explainer.isWaiting ? Math.min(poll, pollMs) : poll
      }
    }
  }

  /** All is listed anew at once; but not again and again, where that does not help. */
  #restAfterLoss(): number {
    const { log, random, book } = this.#options
    if (this.#losses <= 1 || book.sync.phase !== 'expired') return 0
    const restMs = retryDelayMs(undefined, this.#losses, random)
    log.warn(
      { losses: this.#losses, restMs: Math.round(restMs) },
      'Gmail tells no history: listing anew has to wait',
    )
    return restMs
  }

  /** Reads history up to the present and applies it; false when another phase has to come first. */
  async #catchUp(signal: AbortSignal): Promise<boolean> {
    const { book, clock } = this.#options
    const lookedAt = this.#labelsLookedAt
    if (this.#clients > 0 && this.#labelsAge() > (lookedAt ? labelsLookedAtMs : labelsEveryMs)) {
      this.#labelsLookedAt = false
      await this.#readLabels(signal)
      if (book.sync.phase === 'listing') {
        this.#carried = undefined
        return false
      }
    }
    for (let rounds = 1; ; rounds++) {
      const came = await this.#round(signal)
      if (came === 'relist') return false
      if (came === 'lost') {
        await book.write((entry) => entry.setSync({ phase: nextPhase(book.sync.phase, 'history-lost') }))
        this.#losses++
        return false
      }
      this.#answeredAt = clock.monotonicMs()
      this.#losses = 0
      this.#options.onState()
      if (came === 'whole' || rounds === roundsAtOnce) return true
      // Before that it would tell the same again, for 2 units each time.
      await this.#settled(signal)
      await clock.sleep(Math.min(roundAfterMs * 2 ** rounds, roundAfterAtMostMs), signal)
    }
  }

  /** Waits for the changes of ours that are under way, though not for a Gmail that keeps them waiting: others have news. */
  async #settled(signal: AbortSignal): Promise<void> {
    const settled = new AbortController()
    void this.#touched.settled().then(() => settled.abort())
    try {
      await this.#options.clock.sleep(settledWithinMs, AbortSignal.any([signal, settled.signal]))
    } catch {
      signal.throwIfAborted()
    }
  }

  /** Reads history up to the present once; how much of it was written, or what has to come first. */
  async #round(signal: AbortSignal): Promise<'whole' | 'partly' | 'lost' | 'relist'> {
    const { book, gmail } = this.#options
    const start = this.#carried?.historyId ?? book.sync.historyId
    if (start === undefined)
      throw new Error(`Cannot read history while ${book.sync.phase}: there is no history id`)
    this.#touched.begin()
    try {
      const stretch = await readHistory(gmail, start, this.#carried?.effects ?? new Map(), signal)
      const explanation = stretch === 'lost' ? 'lost' : await this.#explainer.explain(stretch.effects, signal)
      if (stretch !== 'lost' && explanation !== 'lost' && explanation !== 'relist')
        return (await this.#write(stretch, explanation, signal)) ? 'whole' : 'partly'
      this.#carried = undefined
      return explanation === 'relist' ? 'relist' : 'lost'
    } finally {
      this.#touched.end()
    }
  }

  /** False when not all of it was written: what is left waits for more history. */
  async #write(stretch: Stretch, explanation: Explanation, signal: AbortSignal): Promise<boolean> {
    const { book, intake, ghosts, onArrival } = this.#options
    const sign = (entry: Entry, isWhole: boolean) => {
      const phase = nextPhase(book.sync.phase, 'caught-up')
      if (phase !== book.sync.phase) entry.setSync({ phase })
      // What cannot be read or written yet must be told again, after a kill too.
      if (!isWhole || this.#explainer.isWaiting || stretch.historyId === book.sync.historyId) return
      entry.setSync({ historyId: stretch.historyId })
    }
    const { arrivals, left } = await writeHistory(book, stretch, explanation, {
      sign,
      touched: this.#touched,
      signal,
    })
    if (left.size === 0 && !this.#explainer.isWaiting) this.#explainer.done()
    // What cannot be read yet is told anew only by history from the store's id on.
    this.#carried =
      left.size === 0 || this.#explainer.isWaiting
        ? undefined
        : { effects: left, historyId: stretch.historyId }
    for (const { key, messageId } of arrivals) {
      ghosts.arrived(key)
      const told = explanation.get(messageId)
      if (told !== undefined && told !== 'gone' && told.fetched !== undefined)
        intake.keepAside(key, told.fetched)
    }
    if (arrivals.length > 0) onArrival(arrivals)
    return left.size === 0
  }

  async #readLabels(signal: AbortSignal): Promise<void> {
    const { book, gmail, clock, categories } = this.#options
    for (let reads = 1; ; reads++) {
      const ownChanges = this.#ownChanges
      const labels = await gmail.labels({ lane: 'sync', cause: 'labels', signal })
      this.#labelsAt = clock.monotonicMs()
      const isStale = await book.write((entry) => {
        // A list that is older than a mailbox of ours would take it away again, and its UIDs with it.
        if (ownChanges !== this.#ownChanges && reads < rereadLimit) return true
        const { added } = applyLabels(entry, book, labels, { categories, nowMs: clock.now() })
        if (added.size > 0) entry.setSync({ phase: nextPhase(book.sync.phase, 'label-appeared') })
        return false
      })
      if (!isStale) return
    }
  }
}
