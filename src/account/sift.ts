import type { MessageKey } from '#mail/ids.ts'
import { gramsOf, mayHold } from '#mail/mime/text-sieve.ts'
import type { AccountStore } from '#store/store.ts'
import { breathe, slicesOf } from './present.ts'

/** Sieves read in one go: a few milliseconds, at most four megabytes. */
const sievesPerSlice = 500

/** See `Mailstore.mayHold`. */
export async function sift(
  store: Pick<AccountStore, 'sieves'>,
  keys: readonly MessageKey[],
  texts: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<MessageKey>>> {
  const wanted = texts.map((text) => ({ text, grams: gramsOf(text), found: new Set<MessageKey>() }))
  const tellable = wanted.some(({ grams }) => grams !== undefined)
  for (const slice of slicesOf(keys, sievesPerSlice)) {
    const sieves = tellable ? await store.sieves(slice) : new Map<MessageKey, Buffer>()
    for (const key of slice) {
      const sieve = sieves.get(key)
      for (const { grams, found } of wanted)
        if (sieve === undefined || grams === undefined || mayHold(sieve, grams)) found.add(key)
    }
    if (tellable) await breathe()
    signal.throwIfAborted()
  }
  return new Map(wanted.map(({ text, found }) => [text, found]))
}
