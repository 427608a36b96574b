import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#mail/surroundings.ts'

/**
 * One client's share of the event loop: neither a long computation nor a client that pipelines may keep the others waiting.
 * Ask `over` now and then, then await `next`.
 */
export class Turn {
  readonly #clock: Clock
  readonly #shareMs: () => number
  #startedMs: number

  constructor(clock: Clock, shareMs: () => number) {
    this.#clock = clock
    this.#shareMs = shareMs
    this.#startedMs = clock.monotonicMs()
  }

  /** Whether the client has used the processor long enough. */
  get over(): boolean {
    return this.#clock.monotonicMs() - this.#startedMs >= this.#shareMs()
  }

  /** It had nothing to do meanwhile: the share begins anew. */
  rested(): void {
    this.#startedMs = this.#clock.monotonicMs()
  }

  /** Resolves when everything that was waiting has had its turn. Throws the signal's reason when it is aborted. */
  async next(signal?: AbortSignal): Promise<void> {
    await setImmediate()
    signal?.throwIfAborted()
    this.rested()
  }
}
