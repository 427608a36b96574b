import type { MessageKey } from '#mail/ids.ts'
import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'

/** Messages of a change of ours that is on its way: from before its call until after its commit. */
export type UnderWay = Disposable

/**
 * Messages that were changed by ourselves since history was last begun to be read, or whose change was under way at any time since:
 * what it says of them may be older than our change, or newer than what will be committed. A change that was committed before is
 * at Gmail, so that whatever is read from here on knows of it.
 */
export class Touched {
  /** Undefined while no history is being read: what is read later knows all that was done before. */
  #keys: Set<MessageKey> | undefined
  readonly #underWay = new Map<Iterable<MessageKey>, PromiseWithResolvers<void>>()
  readonly #fromHistory = new WeakSet<Entry>()

  constructor(book: Pick<Book, 'onCommit'>) {
    book.onCommit((entry) => {
      if (!this.#fromHistory.has(entry)) this.#note(entry.touched())
    })
  }

  /** Call before history is read. */
  begin(): void {
    this.#keys = new Set()
    for (const keys of this.#underWay.keys()) this.#note(keys)
  }

  /** Call when what was read is written, or given up. */
  end(): void {
    this.#keys = undefined
  }

  /** Labels of these messages are about to be changed at Gmail; dispose of it when that is committed, or came to nothing. */
  changing(keys: Iterable<MessageKey>): UnderWay {
    // The same messages may be under way twice.
    const own = { [Symbol.iterator]: () => keys[Symbol.iterator]() }
    const ended = Promise.withResolvers<void>()
    this.#underWay.set(own, ended)
    this.#note(own)
    return {
      [Symbol.dispose]: () => {
        this.#underWay.delete(own)
        ended.resolve()
      },
    }
  }

  /** Resolves when the changes that are under way now are not any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#underWay.values()].map(({ promise }) => promise))
  }

  has(key: MessageKey): boolean {
    return this.#keys?.has(key) === true
  }

  /** An entry that only writes what history says. */
  except(entry: Entry): void {
    this.#fromHistory.add(entry)
  }

  #note(keys: Iterable<MessageKey>): void {
    if (this.#keys !== undefined) for (const key of keys) this.#keys.add(key)
  }
}
