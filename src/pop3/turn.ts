import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#mail/surroundings.ts'

const turnMs = 20

/** One session's share of the event loop: a client that pipelines must not keep the others waiting. */
export class Turn {
  readonly #clock: Clock
  #startedMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedMs = clock.monotonicMs()
  }

  /** A promise when the share is used up: it resolves when everybody else has had a turn. */
  next(): Promise<void> | undefined {
    return this.#clock.monotonicMs() - this.#startedMs < turnMs ? undefined : this.#rest()
  }

  async #rest(): Promise<void> {
    await setImmediate()
    this.#startedMs = this.#clock.monotonicMs()
  }
}
