import type { MessageKey } from '#mail/ids.ts'
import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'

/**
 * Messages that were changed by ourselves since history was last begun to be read: what it says of them may be older. Our own
 * change is at Gmail before it is committed, so whatever is read from here on knows of those before.
 */
export class Touched {
  readonly #keys = new Set<MessageKey>()
  readonly #fromHistory = new WeakSet<Entry>()

  constructor(book: Book) {
    book.onCommit((entry) => {
      if (!this.#fromHistory.has(entry)) for (const key of entry.touched()) this.#keys.add(key)
    })
  }

  /** Call before history is read. */
  begin(): void {
    this.#keys.clear()
  }

  has(key: MessageKey): boolean {
    return this.#keys.has(key)
  }

  /** An entry that only writes what history says. */
  except(entry: Entry): void {
    this.#fromHistory.add(entry)
  }
}
