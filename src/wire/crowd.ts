import type { Clock } from '#mail/surroundings.ts'
import { Turns } from './turns.ts'

/** Whoever asked for something so lately will soon ask again. */
const latelyMs = 50

/** All clients of the house, of whatever protocol, and who of them asked for something lately. One thread serves them. */
export class Crowd {
  readonly clock: Clock
  #lastAsked: { readonly who: Turns; readonly ms: number } | undefined
  /** By somebody else than the last one. */
  #askedBefore: { readonly who: Turns; readonly ms: number } | undefined

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** One more client. */
  join(): Turns {
    return new Turns(this)
  }

  asked(who: Turns): void {
    if (this.#lastAsked !== undefined && this.#lastAsked.who !== who) this.#askedBefore = this.#lastAsked
    this.#lastAsked = { who, ms: this.clock.monotonicMs() }
  }

  /** Whether anybody else asked for something lately. */
  asksBeside(who: Turns): boolean {
    const other = this.#lastAsked?.who === who ? this.#askedBefore : this.#lastAsked
    return other !== undefined && this.clock.monotonicMs() - other.ms < latelyMs
  }
}
