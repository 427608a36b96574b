import type { Clock } from '#mail/surroundings.ts'

/** Wakes one sleeper early. A ring while nobody sleeps is heard by the next one. */
export class Bell {
  readonly #clock: Clock
  #rung = false
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Resolves after `ms` or at a ring; rejects with the signal's reason. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const rung = new AbortController()
    this.#wake = () => rung.abort()
    if (this.#rung) this.#wake()
    try {
      await this.#clock.sleep(ms, AbortSignal.any([rung.signal, signal]))
    } catch (error) {
      signal.throwIfAborted()
      if (!rung.signal.aborted) throw error
    } finally {
      this.#wake = undefined
      this.#rung = false
    }
  }
}
