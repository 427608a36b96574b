import type { Clock, Log } from '#mail/surroundings.ts'
import type { Notice } from './notice.ts'
import { remedyOf } from './subscription.ts'
import type { Subscription } from './subscription.ts'

const pauseBaseMs = 1000
const pauseMaxMs = 60_000
/** Pub/Sub holds a pull that finds nothing; what answers at once must not be asked in a storm. */
const leastTurnMs = 1000
const complaintEveryMs = 10 * 60_000

/** Fetches the notices of all mailboxes, one pull after another. */
export class NoticeStream {
  readonly #subscription: Subscription
  readonly #clock: Clock
  readonly #log: Log
  readonly #random: () => number
  readonly #onNotice: (notice: Notice) => void
  /** Pulls that came to nothing, all of them. */
  #failed = 0
  #failures = 0
  #complainedMs: number | undefined

  constructor(options: {
    subscription: Subscription
    clock: Clock
    log: Log
    random: () => number
    onNotice: (notice: Notice) => void
  }) {
    this.#subscription = options.subscription
    this.#clock = options.clock
    this.#log = options.log
    this.#random = options.random
    this.#onNotice = options.onNotice
  }

  /** False while they cannot be fetched. */
  get isFlowing(): boolean {
    return this.#failures === 0
  }

  /** How many pulls have failed. */
  get failed(): number {
    return this.#failed
  }

  /** Works until aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const beganMs = this.#clock.monotonicMs()
      let pauseMs = 0
      try {
        const isEmpty = await this.#turn(signal)
        this.#recovered()
        if (isEmpty) pauseMs = Math.max(0, beganMs + leastTurnMs - this.#clock.monotonicMs())
      } catch (error) {
        if (signal.aborted) return
        // A pull that was held until our own patience ended says as much as an empty answer.
        if (!isTimeout(error)) pauseMs = this.#complain(error)
      }
      if (pauseMs > 0) await this.#clock.sleep(pauseMs, signal).catch(() => {})
    }
  }

  async #turn(signal: AbortSignal): Promise<boolean> {
    const { notices, ackIds } = await this.#subscription.pull(signal)
    for (const notice of notices) this.#onNotice(notice)
    if (ackIds.length === 0) return true
    try {
      await this.#subscription.acknowledge(ackIds, signal)
    } catch (err) {
      // They come once more, which costs nothing: whoever has read so far already asks nobody.
      if (!signal.aborted) this.#log.debug({ err: reasonOf(err) }, 'notices could not be acknowledged')
    }
    return false
  }

  #recovered(): void {
    this.#failures = 0
    if (this.#complainedMs === undefined) return
    this.#complainedMs = undefined
    this.#log.info({}, 'notices of Gmail come again')
  }

  #complain(error: unknown): number {
    this.#failed++
    this.#failures++
    const now = this.#clock.monotonicMs()
    if (this.#complainedMs === undefined || now - this.#complainedMs >= complaintEveryMs) {
      this.#complainedMs = now
      this.#log.warn(
        { err: error, hint: remedyOf(error) },
        'notices of Gmail cannot be fetched: it is polled instead',
      )
    }
    const longest = Math.min(pauseMaxMs, pauseBaseMs * 2 ** Math.min(this.#failures, 30))
    return longest * (0.5 + this.#random() / 2)
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
