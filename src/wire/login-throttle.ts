import type { Clock } from '#mail/surroundings.ts'

/** Seconds to wait after so many wrong passwords in a row, for one account from one address. As Dovecot does it. */
const delaysMs = [0, 0, 1_000, 2_000, 4_000, 8_000, 15_000] as const
const forgetAfterMs = 10 * 60_000
const rememberedLimit = 10_000
/** Between wrong guesses, over all accounts, addresses and doors. */
const guessMs = 100
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
  /** Who waits for a turn, by the way to end that: first come, first. */
  readonly #waiting = new Set<() => void>()

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
    let guessed = false
    try {
      const verdict = await check()
      guessed = isGuess(verdict)
      if (guessed) this.#note(key)
      else this.#failures.delete(key)
      return verdict
    } finally {
      if (!guessed) this.#giveBack()
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

  /** Pays before it is known that the login is wrong, so that many at once do not get many for nothing. */
  async #turn(signal: AbortSignal): Promise<void> {
    for (;;) {
      const now = this.#clock.monotonicMs()
      const ahead = this.#paidUntil - now - (burst - 1) * guessMs
      if (!(ahead > 0)) {
        this.#paidUntil = Math.max(this.#paidUntil, now) + guessMs
        return
      }
      await this.#wait(Math.ceil(ahead), signal)
    }
  }

  /** So long, or until a right login has given its turn back: hundreds of clients that come again at once wait for no clock. */
  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    const early = new AbortController()
    const end = () => early.abort()
    this.#waiting.add(end)
    try {
      await this.#clock.sleep(ms, AbortSignal.any([signal, early.signal]))
    } catch (error) {
      signal.throwIfAborted()
      if (!early.signal.aborted) throw error
    } finally {
      this.#waiting.delete(end)
    }
  }

  #giveBack(): void {
    this.#paidUntil -= guessMs
    const [first] = this.#waiting
    if (first === undefined) return
    this.#waiting.delete(first)
    first()
  }

  #note(key: string): void {
    const failures = this.#failures.get(key) ?? { count: 0, lastAt: 0 }
    this.#failures.delete(key)
    this.#failures.set(key, { count: failures.count + 1, lastAt: this.#clock.monotonicMs() })
    const oldest = this.#failures.keys().next().value
    if (this.#failures.size > rememberedLimit && oldest !== undefined) this.#failures.delete(oldest)
  }
}
