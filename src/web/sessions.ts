import { createHash } from 'node:crypto'
import type { Clock, RandomBytes } from '#mail/surroundings.ts'

const idleMs = 2 * 60 * 60_000
const longestMs = 24 * 60 * 60_000
/** One more, and the one that was quiet for longest ends. */
const limit = 50

interface Session {
  readonly beganAt: number
  seenAt: number
}

/**
 * Who has signed in. A session ends when the person signs out, after two quiet hours, after a day, and with the process. By
 * the hash of its value, so that looking it up tells nothing of the values there are.
 */
export class Sessions {
  readonly #clock: Clock
  readonly #randomBytes: RandomBytes
  /** The one seen last is last. */
  readonly #sessions = new Map<string, Session>()

  constructor(clock: Clock, randomBytes: RandomBytes) {
    this.#clock = clock
    this.#randomBytes = randomBytes
  }

  /** Gives the value that the browser keeps. */
  begin(): string {
    const value = this.#randomBytes(24).toString('base64url')
    const now = this.#clock.monotonicMs()
    this.#sessions.set(keyOf(value), { beganAt: now, seenAt: now })
    const oldest = this.#sessions.keys().next().value
    if (this.#sessions.size > limit && oldest !== undefined) this.#sessions.delete(oldest)
    return value
  }

  /** Whether it goes on; being asked for by the person keeps it from being quiet. */
  see(value: string): boolean {
    if (!this.isGoing(value)) return false
    const key = keyOf(value)
    const session = this.#sessions.get(key) as Session
    session.seenAt = this.#clock.monotonicMs()
    this.#sessions.delete(key)
    this.#sessions.set(key, session)
    return true
  }

  /** Whether it goes on, asked by us. */
  isGoing(value: string): boolean {
    const key = keyOf(value)
    const session = this.#sessions.get(key)
    if (session === undefined) return false
    const now = this.#clock.monotonicMs()
    if (now - session.seenAt < idleMs && now - session.beganAt < longestMs) return true
    this.#sessions.delete(key)
    return false
  }

  end(value: string): void {
    this.#sessions.delete(keyOf(value))
  }
}

function keyOf(value: string): string {
  return createHash('sha256').update(value).digest('base64url')
}
