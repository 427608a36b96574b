import type { CallWatch } from './call-watch.ts'
import type { CallOptions, Lane } from './gmail.ts'

/** Most urgent first. */
export const lanes: readonly Lane[] = ['person', 'sync', 'bulk', 'prefetch']

let tickets = 0

/** One caller's place in the queue; it keeps its place through all repeats, and its lane may become more urgent. */
export class Ticket {
  readonly cause: string
  readonly signal: AbortSignal | undefined
  /** Order of arrival. */
  readonly number = ++tickets
  /** Monotonic time of the first failure of this call; patience is counted from here. */
  troubledSince: number | undefined
  /** Whoever watches the call, once it has begun. */
  watch: CallWatch | undefined
  #lane: Lane
  readonly #listeners = new Set<() => void>()

  constructor(options: CallOptions) {
    this.#lane = options.lane
    this.cause = options.cause
    this.signal = options.signal
  }

  get lane(): Lane {
    return this.#lane
  }

  /** Does nothing when the ticket is as urgent already. */
  promote(lane: Lane): void {
    if (lanes.indexOf(lane) >= lanes.indexOf(this.#lane)) return
    this.#lane = lane
    for (const listener of this.#listeners) listener()
  }

  /** Calls back whenever the lane becomes more urgent, until the returned function is called. */
  onPromote(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
