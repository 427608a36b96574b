import type { MessageKey } from '#mail/ids.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'

/** Where the messages of a command are in the view. What is read of them comes in any order, by key. */
export class Places {
  /** Each message once, in the view's order. */
  readonly keys: readonly MessageKey[]
  /** The index of each of `keys`. */
  readonly #indexes: Uint32Array
  /** Where the next message is looked for first: most come in the order in which they were asked for. */
  #next = 0
  /** Made when one comes in another order. */
  #places: Map<MessageKey, number> | undefined
  /** A message that left and came back can be in the view twice, until the client is told that it left. */
  readonly #others = new Map<MessageKey, number[]>()

  /** `indexes` ascend. */
  constructor(told: MailboxSnapshot, indexes: ArrayLike<number>) {
    const { keys } = told
    const all: MessageKey[] = []
    let ascends = true
    for (let i = 0; i < indexes.length; i++) {
      const key = keys[indexes[i] as number] as MessageKey
      if (i > 0 && key <= (all[i - 1] as MessageKey)) ascends = false
      all.push(key)
    }
    this.#indexes = Uint32Array.from(indexes)
    this.keys = ascends ? all : this.#unique(all)
  }

  /** The indexes of a message; none when it was not asked for. */
  of(key: MessageKey): readonly number[] {
    const at = this.keys[this.#next] === key ? this.#next : this.#placeOf(key)
    if (at === undefined) return []
    this.#next = at + 1
    const first = this.#indexes[at] as number
    const others = this.#others.size === 0 ? undefined : this.#others.get(key)
    return others === undefined ? [first] : [first, ...others]
  }

  #placeOf(key: MessageKey): number | undefined {
    this.#places ??= new Map(this.keys.map((one, at) => [one, at]))
    return this.#places.get(key)
  }

  /** Keys grow with arrival, so only messages that were moved here are out of order. */
  #unique(all: readonly MessageKey[]): MessageKey[] {
    const places = new Map<MessageKey, number>()
    const unique: MessageKey[] = []
    for (const [i, key] of all.entries()) {
      const index = this.#indexes[i] as number
      if (!places.has(key)) {
        this.#indexes[unique.length] = index
        places.set(key, unique.length)
        unique.push(key)
        continue
      }
      const others = this.#others.get(key)
      if (others === undefined) this.#others.set(key, [index])
      else others.push(index)
    }
    this.#places = places
    return unique
  }
}
