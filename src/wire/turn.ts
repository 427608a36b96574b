import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#mail/surroundings.ts'

/** For what is computed: longer than what a change of turns costs, shorter than what a person notices. */
const turnMs = 5

/**
 * One session's share of the event loop: neither a long computation nor a client that pipelines may keep the others waiting.
 * Ask `over` now and then, then await `next`.
 */
export class Turn {
  readonly #clock: Clock
  readonly #ms: number
  #startedMs: number

  constructor(clock: Clock, ms = turnMs) {
    this.#clock = clock
    this.#ms = ms
    this.#startedMs = clock.monotonicMs()
  }

  /** Whether this session has used the processor long enough. */
  get over(): boolean {
    return this.#clock.monotonicMs() - this.#startedMs >= this.#ms
  }

  /** Resolves when everything that was waiting has had its turn. Throws the signal's reason when it is aborted. */
  async next(signal?: AbortSignal): Promise<void> {
    await setImmediate()
    signal?.throwIfAborted()
    this.#startedMs = this.#clock.monotonicMs()
  }
}
