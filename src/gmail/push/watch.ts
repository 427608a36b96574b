import type { Clock, Log } from '#mail/surroundings.ts'
import type { GmailWatching } from '../gmail.ts'

/** Google asks for it at least every seven days and advises every day. Fact sheet section 2.11. */
const renewMs = 24 * 3600_000
const longestMs = 7 * 24 * 3600_000
const retryBaseMs = 5 * 60_000
const retryMaxMs = 6 * 3600_000

/** Keeps Gmail telling of one mailbox: asks for it, and asks again every day. */
export class Watch {
  readonly #gmail: GmailWatching
  readonly #topic: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #random: () => number
  /** Monotonic times. */
  #askedMs = Number.POSITIVE_INFINITY
  #endsMs = 0
  #noticedMs = Number.NEGATIVE_INFINITY

  constructor(options: {
    gmail: GmailWatching
    topic: string
    clock: Clock
    log: Log
    random: () => number
  }) {
    this.#gmail = options.gmail
    this.#topic = options.topic
    this.#clock = options.clock
    this.#log = options.log
    this.#random = options.random
  }

  /**
   * Whether notices of this mailbox arrive, as far as can be known: Gmail sends one at once for each watch, so one that came
   * since proves the whole way, from Gmail's right to publish to the subscription that is read.
   */
  get isProven(): boolean {
    return this.#noticedMs >= this.#askedMs && this.#clock.monotonicMs() < this.#endsMs
  }

  noticed(): void {
    const wasProven = this.isProven
    this.#noticedMs = this.#clock.monotonicMs()
    if (!wasProven && this.isProven) this.#log.info({}, 'Gmail tells of changes: it is polled less often')
  }

  /** Works until aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      let restMs: number
      try {
        await this.#ask(signal)
        failures = 0
        restMs = renewMs * (0.9 + this.#random() / 10)
      } catch (err) {
        if (signal.aborted) return
        restMs =
          Math.min(retryMaxMs, retryBaseMs * 2 ** Math.min(failures++, 30)) * (0.5 + this.#random() / 2)
        this.#log.warn(
          { err, restMs: Math.round(restMs) },
          'Gmail does not agree to tell of changes: it is polled',
        )
      }
      await this.#clock.sleep(restMs, signal).catch(() => {})
    }
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const askedMs = this.#clock.monotonicMs()
    const { expiresAt } = await this.#gmail.watch(this.#topic, { lane: 'sync', cause: 'watch', signal })
    const leftMs = Math.min(longestMs, Math.max(0, expiresAt - this.#clock.now()))
    this.#askedMs = askedMs
    this.#endsMs = this.#clock.monotonicMs() + leftMs
    if (this.isProven) this.#log.info({}, 'Gmail tells of changes: it is polled less often')
  }
}
