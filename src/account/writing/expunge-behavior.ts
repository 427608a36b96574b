import { GmailError } from '#gmail/gmail.ts'
import type { Gmail } from '#gmail/gmail.ts'
import type { Clock } from '#mail/surroundings.ts'
import { isNotServed } from '../not-served.ts'
import type { ExpungeBehavior } from './expunge-rules.ts'

/** The person may change it on the web at any time; 1 unit each. */
const freshMs = 3_600_000

/** `settings.getImap` unless the operator decided. Read when first needed, then once an hour. */
export class ExpungeBehaviorSetting {
  readonly #gmail: Pick<Gmail, 'imapSettings'>
  readonly #clock: Clock
  readonly #decided: ExpungeBehavior | undefined
  #known: { readonly behavior: ExpungeBehavior; readonly at: number } | undefined

  constructor(options: {
    gmail: Pick<Gmail, 'imapSettings'>
    clock: Clock
    decided: ExpungeBehavior | 'account'
  }) {
    this.#gmail = options.gmail
    this.#clock = options.clock
    this.#decided = options.decided === 'account' ? undefined : options.decided
  }

  /** The last answer when Gmail gives none; Gmail's own default, archive, when the settings may not be read. */
  async read(signal: AbortSignal): Promise<ExpungeBehavior> {
    if (this.#decided !== undefined) return this.#decided
    const now = this.#clock.monotonicMs()
    if (this.#known !== undefined && now - this.#known.at < freshMs) return this.#known.behavior
    try {
      const { expungeBehavior } = await this.#gmail.imapSettings({ lane: 'person', cause: 'expunge', signal })
      this.#known = { behavior: expungeBehavior, at: now }
    } catch (error) {
      if (!(error instanceof GmailError) || signal.aborted) throw error
      if (this.#known === undefined && !isNotServed(error)) throw error
      return this.#known?.behavior ?? 'archive'
    }
    return this.#known.behavior
  }
}
