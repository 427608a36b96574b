import type { MessageKey } from '#mail/ids.ts'
import type { Clock } from '#mail/surroundings.ts'
import type { Book } from './book.ts'
import { ListingCorrections } from './listing-corrections.ts'
import { readMemberships } from './present.ts'

/** Gmail tells of new mail before it can be read; so long a 404 may still be that. Fact sheet section 7, quirk 14. */
export const readableWithinMs = 60_000
const memoryLimit = 10_000

/** Messages that Gmail lists and then says it does not have. Fact sheet section 7, quirk 1. */
export class Ghosts {
  readonly #book: Book
  readonly #clock: Clock
  readonly #arrivals = new Map<MessageKey, number>()

  constructor(book: Book, clock: Clock) {
    this.#book = book
    this.#clock = clock
  }

  /** History told of this message just now. */
  arrived(key: MessageKey): void {
    const now = this.#clock.monotonicMs()
    for (const [oldest, at] of this.#arrivals) {
      if (now - at <= readableWithinMs && this.#arrivals.size < memoryLimit) break
      this.#arrivals.delete(oldest)
    }
    this.#arrivals.set(key, now)
  }

  /** A get said 404: the message is forgotten, unless it is so new that it may only not be readable yet. */
  async missing(key: MessageKey): Promise<'forgotten' | 'too-new'> {
    const at = this.#arrivals.get(key)
    if (at !== undefined && this.#clock.monotonicMs() - at <= readableWithinMs) return 'too-new'
    this.#arrivals.delete(key)
    await this.#book.write(async (entry) => {
      const memberships = await readMemberships(this.#book.store, [key])
      const row = (await this.#book.store.messagesByKey([key])).get(key)
      entry.forget(key, memberships(key))
      if (row !== undefined) new ListingCorrections(this.#book, entry).note(row, undefined, undefined)
    })
    return 'forgotten'
  }
}
