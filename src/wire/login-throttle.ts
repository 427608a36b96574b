import type { Clock } from '#mail/surroundings.ts'

/** Seconds to wait after so many wrong passwords in a row, for one account from one address. As Dovecot does it. */
const delaysMs = [0, 0, 1_000, 2_000, 4_000, 8_000, 15_000] as const
const forgetAfterMs = 10 * 60_000
const rememberedLimit = 10_000
/** Wrong guesses over all accounts, addresses and doors. */
const guessesPerSecond = 10
const burst = 20

interface Failures {
  count: number
  lastAt: number
}

/**
 * Makes guessing slow without barring anybody: the right password always works, after 15 s at the latest plus the turn
 * among all who guess. A right login costs others nothing. Memory is bounded: the oldest failures are forgotten.
 */
export class LoginThrottle {
  readonly #clock: Clock
  /** By address and account, the latest failure last. */
  readonly #failures = new Map<string, Failures>()
  /** When the guesses made so far are paid for, by the monotonic clock. */
  #paidUntil = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs one check of credentials, after waiting as long as is due. Rejects with the signal's reason when aborted. */
  async attempt<Verdict>(
    who: { remoteAddress: string; user: string },
    check: () => Promise<Verdict>,
    isGuess: (verdict: Verdict) => boolean,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const key = `${who.remoteAddress} ${who.user.slice(0, 320).toLowerCase()}`
    const delay = this.#delayOf(key)
    if (delay > 0) await this.#clock.sleep(delay, signal)
    await this.#turn(signal)
    // Paid before it is known to be wrong, so that many at once do not get many for nothing; given back when right.
    const paid = 1000 / guessesPerSecond
    this.#paidUntil = Math.max(this.#paidUntil, this.#clock.monotonicMs()) + paid
    let guessed = false
    try {
      const verdict = await check()
      guessed = isGuess(verdict)
      if (guessed) this.#note(key)
      else this.#failures.delete(key)
      return verdict
    } finally {
      if (!guessed) this.#paidUntil -= paid
    }
  }

  #delayOf(key: string): number {
    const failures = this.#failures.get(key)
    if (failures === undefined) return 0
    if (this.#clock.monotonicMs() - failures.lastAt > forgetAfterMs) {
      this.#failures.delete(key)
      return 0
    }
    return delaysMs[Math.min(failures.count, delaysMs.length - 1)] as number
  }

  async #turn(signal: AbortSignal): Promise<void> {
    for (;;) {
      const ahead = this.#paidUntil - this.#clock.monotonicMs() - (burst - 1) * (1000 / guessesPerSecond)
      if (!(ahead > 0)) return
      await this.#clock.sleep(Math.ceil(ahead), signal)
    }
  }

  #note(key: string): void {
    const failures = this.#failures.get(key) ?? { count: 0, lastAt: 0 }
    this.#failures.delete(key)
    this.#failures.set(key, { count: failures.count + 1, lastAt: this.#clock.monotonicMs() })
    const oldest = this.#failures.keys().next().value
    if (this.#failures.size > rememberedLimit && oldest !== undefined) this.#failures.delete(oldest)
  }
}
