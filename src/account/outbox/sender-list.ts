import type { Gmail } from '#gmail/gmail.ts'
import type { Sender } from '#mail/outbox.ts'
import type { Clock } from '#mail/surroundings.ts'
import { isNotServed } from '../not-served.ts'

const goodForMs = 10 * 60_000
/** Where Gmail does not show them: for so long it is not asked again. */
const hiddenForMs = 60_000

/** Who may stand in From: asked of Gmail's settings, remembered for ten minutes, and kept while Gmail cannot be asked. */
export class SenderList {
  readonly #gmail: Pick<Gmail, 'sendAs'>
  readonly #clock: Clock
  readonly #own: string | undefined
  readonly #mayRead: () => boolean
  #known: { readonly senders: readonly Sender[]; readonly until: number } | undefined
  #hiddenUntil = Number.NEGATIVE_INFINITY
  #asking: Promise<readonly Sender[]> | undefined

  /** `own` is the account's address: all that may be used where the grant does not show Gmail's settings. */
  constructor(
    gmail: Pick<Gmail, 'sendAs'>,
    clock: Clock,
    own: string | undefined,
    mayRead: () => boolean = () => true,
  ) {
    this.#gmail = gmail
    this.#clock = clock
    this.#own = own
    this.#mayRead = mayRead
  }

  /** Throws what Gmail's functions throw when nothing is known yet. */
  async get(signal: AbortSignal): Promise<readonly Sender[]> {
    const known = this.#known
    if (known !== undefined && this.#clock.monotonicMs() < known.until) return known.senders
    const isHidden = !this.#mayRead() || this.#clock.monotonicMs() < this.#hiddenUntil
    if (this.#own !== undefined && isHidden) return [ownSender(this.#own)]
    this.#asking ??= this.#ask(signal).finally(() => {
      this.#asking = undefined
    })
    try {
      return await this.#asking
    } catch (error) {
      if (known !== undefined) return known.senders
      if (!isNotServed(error) || this.#own === undefined) throw error
      this.#hiddenUntil = this.#clock.monotonicMs() + hiddenForMs
      return [ownSender(this.#own)]
    }
  }

  async #ask(signal: AbortSignal): Promise<readonly Sender[]> {
    const list = await this.#gmail.sendAs({ lane: 'person', cause: 'send', signal })
    const senders = list
      .filter(({ verified }) => verified)
      .map(({ address, displayName, isDefault }) => ({ address, displayName, isDefault }))
    // The person's own address may always be used; it should be the primary one of the list.
    if (this.#own !== undefined && !list.some(({ isPrimary }) => isPrimary))
      senders.unshift({ ...ownSender(this.#own), isDefault: !senders.some(({ isDefault }) => isDefault) })
    this.#known = { senders, until: this.#clock.monotonicMs() + goodForMs }
    return senders
  }
}

function ownSender(address: string): Sender {
  return { address, displayName: '', isDefault: true }
}
