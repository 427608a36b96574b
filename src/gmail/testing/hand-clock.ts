import type { Clock } from '#mail/surroundings.ts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** Lets everything that is ready run: promises and the input that has arrived. */
export async function settle(rounds = 5): Promise<void> {
  for (let round = 0; round < rounds; round++) await new Promise((resolve) => setImmediate(resolve))
}

/** A clock that stands still until a test moves it. */
export class HandClock implements Clock {
  /** Every sleep that was asked for, in order. */
  readonly sleeps: number[] = []
  readonly #epoch = Date.parse('2026-11-24T12:00:00Z')
  #time = 0
  #sleepers: Sleeper[] = []

  now(): number {
    return this.#epoch + this.#time
  }

  monotonicMs(): number {
    return this.#time
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms)
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const forget = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
      }
      const onAbort = () => {
        forget()
        reject(signal?.reason as Error)
      }
      const sleeper: Sleeper = {
        at: this.#time + ms,
        wake: () => {
          forget()
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Time of the next wake-up; undefined when nobody sleeps. */
  next(): number | undefined {
    return this.#sleepers.length === 0 ? undefined : Math.min(...this.#sleepers.map(({ at }) => at))
  }

  /** Moves on, waking each sleeper at its own moment. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms
    await settle()
    for (let at = this.next(); at !== undefined && at <= end; at = this.next()) {
      this.#time = Math.max(this.#time, at)
      this.#sleepers.find((sleeper) => sleeper.at === at)?.wake()
      await settle()
    }
    this.#time = end
    await settle()
  }

  /** Moves on from wake-up to wake-up until the promise is settled; time stands still while `busy` says so. */
  async until<T>(promise: Promise<T>, busy: () => boolean = () => false): Promise<T> {
    let settled = false
    const note = () => {
      settled = true
    }
    promise.then(note, note)
    for (;;) {
      await settle(3)
      if (settled) return promise
      const at = this.next()
      if (busy() || at === undefined) continue
      await this.advance(Math.max(0, at - this.#time))
    }
  }
}
