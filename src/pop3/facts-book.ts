import type { MessageId, MessageKey } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'

/** What a maildrop needs to know of a message; never changes. */
export interface MessageFacts {
  readonly key: MessageKey
  readonly messageId: MessageId
  /** Exact. */
  readonly sizeBytes: number
  /** When Gmail received it, epoch milliseconds. */
  readonly internalDate: number
}

/** Of one mailstore; the oldest are forgotten first, and read from the index again. */
const rememberedLimit = 100_000

/** Facts of messages, remembered from one session to the next: clients come every few minutes and ask for the same. */
export class FactsBook {
  readonly #remembered = new WeakMap<Mailstore, Map<MessageKey, MessageFacts>>()

  /** Of those whose size is known; without a call to Gmail. */
  async known(
    mailstore: Mailstore,
    keys: readonly MessageKey[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<MessageKey, MessageFacts>> {
    const remembered = this.#of(mailstore)
    const found = new Map<MessageKey, MessageFacts>()
    const others: MessageKey[] = []
    for (const key of keys) {
      const facts = remembered.get(key)
      if (facts === undefined) others.push(key)
      else found.set(key, facts)
    }
    if (others.length === 0) return found
    const indexed = await mailstore.known(others)
    const some = others.filter((key) => indexed.has(key))
    for await (const facts of this.fetched(mailstore, some, signal)) found.set(facts.key, facts)
    return found
  }

  /** Of all of these, as they come; asks Gmail where the index does not know. What is gone is left out. */
  async *fetched(
    mailstore: Mailstore,
    keys: readonly MessageKey[],
    signal: AbortSignal,
  ): AsyncGenerator<MessageFacts, void, void> {
    if (keys.length === 0) return
    const remembered = this.#of(mailstore)
    for await (const batch of mailstore.records(keys, 'summary', signal))
      for (const { key, messageId, internalDate, summary } of batch) {
        const facts = { key, messageId, internalDate, sizeBytes: summary.sizeBytes }
        remembered.set(key, facts)
        const oldest = remembered.keys().next().value
        if (remembered.size > rememberedLimit && oldest !== undefined) remembered.delete(oldest)
        yield facts
      }
  }

  #of(mailstore: Mailstore): Map<MessageKey, MessageFacts> {
    let remembered = this.#remembered.get(mailstore)
    if (remembered === undefined) {
      remembered = new Map()
      this.#remembered.set(mailstore, remembered)
    }
    return remembered
  }
}
