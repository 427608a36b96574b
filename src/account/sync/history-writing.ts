import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'
import { breathe, placesOf, readPresent, slicesOf } from '../present.ts'
import { applyHistory } from './apply-history.ts'
import type { Arrival } from './apply-history.ts'
import type { Explanation } from './explainer.ts'
import type { Stretch } from './history-reading.ts'

/** A commit takes some milliseconds. */
const messagesPerCommit = 250

/**
 * Writes what a stretch of history comes to: in several commits when there is much. `sign` is called with the last one,
 * which makes the store's history id that of the stretch. `isStale` is asked before each, when everything that waited before it
 * is written: a change of ours that the stretch does not know must not be undone by it, so nothing more is written then. Returns
 * the messages that are new here.
 */
export async function writeHistory(
  book: Book,
  { effects }: Stretch,
  explanation: Explanation,
  { sign, isStale, signal }: { sign: (entry: Entry) => void; isStale: () => boolean; signal: AbortSignal },
): Promise<{ readonly arrivals: readonly Arrival[]; readonly stale: boolean }> {
  const asked = new Map(
    [...explanation].map(([id, found]) => [id, found === 'gone' ? found : new Set(found.labelIds)] as const),
  )
  const arrivals: Arrival[] = []
  // Nothing to write is still something to sign.
  const slices = effects.size === 0 ? [[]] : [...slicesOf([...effects.values()], messagesPerCommit)]
  for (const slice of slices) {
    signal.throwIfAborted()
    const arrived = await book.write(async (entry) => {
      if (isStale()) return undefined
      if (slice === slices.at(-1)) sign(entry)
      const ids = slice.map(({ ref }) => ref.messageId)
      return applyHistory(entry, slice, await readPresent(book.store, ids), asked, placesOf(book))
    })
    if (arrived === undefined) return { arrivals, stale: true }
    arrivals.push(...arrived)
    await breathe()
  }
  return { arrivals, stale: false }
}
