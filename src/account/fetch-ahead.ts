import { GmailError } from '#gmail/gmail.ts'
import type { MessageId, MessageKey } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Ghosts } from './ghosts.ts'
import type { Intake } from './intake.ts'

/** More new mail than this at once is for the hydration. */
const messagesAhead = 50

/** New mail is read before anybody asks: somebody will. */
export class FetchAhead {
  readonly #intake: Intake
  readonly #ghosts: Ghosts
  readonly #clock: Clock
  readonly #log: Log
  readonly #signal: AbortSignal
  readonly #working = new Set<Promise<void>>()

  constructor(options: { intake: Intake; ghosts: Ghosts; clock: Clock; log: Log; signal: AbortSignal }) {
    this.#intake = options.intake
    this.#ghosts = options.ghosts
    this.#clock = options.clock
    this.#log = options.log
    this.#signal = options.signal
  }

  /** Does not wait. `messages` from the oldest. */
  start(messages: readonly { readonly key: MessageKey; readonly messageId: MessageId }[]): void {
    for (const { key, messageId } of messages.slice(-messagesAhead)) {
      if (this.#working.size >= messagesAhead) return
      const work = this.#fetch(key, messageId).finally(() => this.#working.delete(work))
      this.#working.add(work)
    }
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#working)
  }

  /** Never rejects: what fails here is read by the hydration, or when it is asked for. */
  async #fetch(key: MessageKey, id: MessageId): Promise<void> {
    const signal = this.#signal
    try {
      for (let waitMs = 1000; ; waitMs *= 2) {
        try {
          await this.#intake.keep(
            key,
            await this.#intake.fetch(id, { lane: 'sync', cause: 'new-mail', signal }),
          )
          return
        } catch (error) {
          if (!(error instanceof GmailError) || error.kind !== 'not-found') throw error
          if ((await this.#ghosts.missing(key)) === 'forgotten') return
        }
        await this.#clock.sleep(waitMs, signal)
      }
    } catch (error) {
      if (!signal.aborted) this.#log.info({ err: error }, 'New mail could not be read ahead')
    }
  }
}
