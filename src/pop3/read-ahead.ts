import type { Mailstore } from '#mail/mailstore.ts'
import type { Maildrop } from './maildrop.ts'

/** Messages read ahead of the client, and their octets: clients take one after another. */
const aheadMessages = 8
const aheadBytes = 4 * 1024 * 1024

/** The octets of a maildrop's messages. Whoever takes two in a row will want the next ones. */
export class ReadAhead {
  readonly #mailstore: Mailstore
  readonly #maildrop: Maildrop
  readonly #signal: AbortSignal
  readonly #pending = new Map<number, Promise<Buffer>>()
  #last = 0

  constructor(mailstore: Mailstore, maildrop: Maildrop, signal: AbortSignal) {
    this.#mailstore = mailstore
    this.#maildrop = maildrop
    this.#signal = signal
  }

  /** Throws as `Mailstore.body`; the number must be one of the maildrop's. */
  take(number: number): Promise<Buffer> {
    const bytes = this.#pending.get(number) ?? this.#read(number)
    this.#pending.delete(number)
    const inARow = number === this.#last + 1 && number > 1
    this.#last = number
    if (inARow) this.#lookAhead(number)
    else this.#pending.clear()
    return bytes
  }

  #lookAhead(number: number): void {
    let sizeBytes = 0
    for (let next = number + 1; next <= number + aheadMessages; next++) {
      const facts = this.#maildrop.messages[next - 1]
      if (facts === undefined) return
      sizeBytes += facts.sizeBytes
      if (sizeBytes > aheadBytes) return
      if (!this.#pending.has(next)) this.#pending.set(next, this.#read(next))
    }
  }

  #read(number: number): Promise<Buffer> {
    const { messages } = this.#maildrop
    const facts = messages[number - 1] as (typeof messages)[number]
    const bytes = this.#mailstore.body(facts.key, this.#signal)
    // It may be that nobody asks for it; whoever does hears of it.
    bytes.catch(() => {})
    return bytes
  }
}
