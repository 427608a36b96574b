import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock, RandomBytes } from '#mail/surroundings.ts'
import type { Tier } from './scopes.ts'

/** A consent that was begun and waits for the browser to come back. */
export interface Flow {
  readonly redirectUri: string
  readonly tier: Tier
  /** The account that is to be connected; undefined when any will do. */
  readonly expected: string | undefined
  /** PKCE. RFC 7636 section 4.1. */
  readonly verifier: string
}

interface Waiting extends Flow {
  readonly browser: string
  /** By the monotonic clock. */
  readonly endsAt: number
}

const lifetimeMs = 10 * 60_000
const waitingLimit = 100

/** The consents that wait, at most 100; the oldest is dropped for a new one. Each is taken once. RFC 9700 section 4.7. */
export class FlowBook {
  readonly #clock: Clock
  readonly #randomBytes: RandomBytes
  readonly #waiting = new Map<string, Waiting>()

  constructor(clock: Clock, randomBytes: RandomBytes) {
    this.#clock = clock
    this.#randomBytes = randomBytes
  }

  /** `state` goes through Google, `browser` stays in the browser; both have 256 bits. */
  add(flow: Omit<Flow, 'verifier'>): { state: string; browser: string; challenge: string } {
    const now = this.#clock.monotonicMs()
    for (const [state, { endsAt }] of this.#waiting) {
      // In order of age: the first that lives ends the search.
      if (endsAt > now && this.#waiting.size < waitingLimit) break
      this.#waiting.delete(state)
    }
    const [state, browser, verifier] = [this.#secret(32), this.#secret(32), this.#secret(48)]
    this.#waiting.set(state, { ...flow, verifier, browser, endsAt: now + lifetimeMs })
    return { state, browser, challenge: createHash('sha256').update(verifier).digest('base64url') }
  }

  /** Gone after this, whatever the browser: who shows a state from elsewhere has seen too much. */
  take(state: string, browser: string | undefined): Flow | 'unknown' | 'other-browser' {
    const waiting = this.#waiting.get(state)
    this.#waiting.delete(state)
    if (waiting === undefined || waiting.endsAt <= this.#clock.monotonicMs()) return 'unknown'
    return browser !== undefined && isSame(browser, waiting.browser) ? waiting : 'other-browser'
  }

  #secret(sizeBytes: number): string {
    return this.#randomBytes(sizeBytes).toString('base64url')
  }
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
