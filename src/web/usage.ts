import type { Clock } from '#mail/surroundings.ts'

const minutes = 60
const minuteMs = 60_000

/** Quota units of the last hour, minute by minute, out of a total that only grows. */
export class Usage {
  readonly #clock: Clock
  readonly #spent: () => number
  readonly #perMinute: number[] = []
  #from: number
  #total: number

  constructor(clock: Clock, spent: () => number) {
    this.#clock = clock
    this.#spent = spent
    this.#from = clock.monotonicMs()
    this.#total = spent()
  }

  /** Oldest first, the minute under way last; at most 60. To be called at least once a minute. */
  hour(): readonly number[] {
    const now = this.#clock.monotonicMs()
    const total = this.#spent()
    while (now - this.#from >= minuteMs) {
      this.#perMinute.push(Math.max(0, total - this.#total))
      this.#total = total
      this.#from += minuteMs
      if (this.#perMinute.length >= minutes) this.#perMinute.shift()
    }
    return [...this.#perMinute, Math.max(0, total - this.#total)]
  }
}
