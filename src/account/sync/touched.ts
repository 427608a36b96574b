import type { MessageKey } from '#mail/ids.ts'
import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'

/**
 * Messages that were changed by ourselves since history was last begun to be read: what it says of them may be older. Our own
 * change is at Gmail before it is committed, so whatever is read from here on knows of those before.
 */
export class Touched {
  /** Undefined while no history is being read: what is read later knows all that was done before. */
  #keys: Set<MessageKey> | undefined
  readonly #fromHistory = new WeakSet<Entry>()

  constructor(book: Book) {
    book.onCommit((entry) => {
      if (this.#keys === undefined || this.#fromHistory.has(entry)) return
      for (const key of entry.touched()) this.#keys.add(key)
    })
  }

  /** Call before history is read. */
  begin(): void {
    this.#keys = new Set()
  }

  /** Call when what was read is written, or given up. */
  end(): void {
    this.#keys = undefined
  }

  has(key: MessageKey): boolean {
    return this.#keys?.has(key) === true
  }

  /** An entry that only writes what history says. */
  except(entry: Entry): void {
    this.#fromHistory.add(entry)
  }
}
