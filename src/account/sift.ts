import type { MessageKey } from '#mail/ids.ts'
import { mayHold, wantedOf } from '#mail/mime/text-sieve.ts'
import type { AccountStore } from '#store/store.ts'
import type { AccountRecords } from './cache/record-memory.ts'
import { breathe, slicesOf } from './present.ts'

/** Sieves read or asked in one go: a few milliseconds, at most four megabytes. */
const sievesPerSlice = 500

export interface SieveSources {
  readonly store: Pick<AccountStore, 'sieves'>
  readonly records: Pick<AccountRecords, 'sieves' | 'drops'>
}

/** See `Mailstore.mayHold`. */
export async function sift(
  sources: SieveSources,
  keys: readonly MessageKey[],
  texts: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<MessageKey>>> {
  const asked = texts.map((text) => ({ text, wanted: wantedOf(text), found: new Set<MessageKey>() }))
  const tellable = asked.some(({ wanted }) => wanted !== undefined)
  for (const slice of slicesOf(keys, sievesPerSlice)) {
    const sieves = tellable ? await sievesOf(sources, slice) : []
    for (const [index, key] of slice.entries()) {
      const sieve = sieves[index]
      for (const { wanted, found } of asked)
        if (sieve === undefined || wanted === undefined || mayHold(sieve, wanted)) found.add(key)
    }
    if (tellable) await breathe()
    signal.throwIfAborted()
  }
  return new Map(asked.map(({ text, found }) => [text, found]))
}

/** From memory, else from the store; undefined for a message that has none. */
async function sievesOf(
  { store, records }: SieveSources,
  keys: readonly MessageKey[],
): Promise<readonly (Buffer | undefined)[]> {
  const sieves = keys.map((key) => records.sieves.get(key))
  const missing = keys.filter((_, index) => sieves[index] === undefined)
  if (missing.length === 0) return sieves
  const { drops } = records
  const read = await store.sieves(missing)
  if (drops === records.drops) for (const [key, sieve] of read) records.sieves.remember(key, sieve)
  return sieves.map((sieve, index) => sieve ?? read.get(keys[index] as MessageKey))
}
