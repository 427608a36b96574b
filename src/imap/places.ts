import type { MessageKey } from '#mail/ids.ts'
import { keyAt, type MailboxSnapshot } from '#mail/snapshot.ts'

/** Where the messages of a command are in the view. What is read of them comes in any order, by key. */
export class Places {
  /** Each message once, in the view's order. */
  readonly keys: readonly MessageKey[]
  readonly #first = new Map<MessageKey, number>()
  /** A message that left and came back can be in the view twice, until the client is told that it left. */
  readonly #others = new Map<MessageKey, number[]>()

  constructor(told: MailboxSnapshot, indexes: Iterable<number>) {
    for (const index of indexes) {
      const key = keyAt(told, index)
      if (!this.#first.has(key)) this.#first.set(key, index)
      else {
        const others = this.#others.get(key)
        if (others === undefined) this.#others.set(key, [index])
        else others.push(index)
      }
    }
    this.keys = [...this.#first.keys()]
  }

  /** The indexes of a message; none when it was not asked for. */
  of(key: MessageKey): readonly number[] {
    const first = this.#first.get(key)
    if (first === undefined) return []
    const others = this.#others.get(key)
    return others === undefined ? [first] : [first, ...others]
  }
}
