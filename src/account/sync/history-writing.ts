import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'
import { breathe, placesOf, readPresent, slicesOf } from '../present.ts'
import { applyHistory } from './apply-history.ts'
import type { Arrival } from './apply-history.ts'
import type { Explanation } from './explainer.ts'
import type { Effect, Effects } from './history-fold.ts'
import type { Stretch } from './history-reading.ts'
import type { Touched } from './touched.ts'

/** A commit takes some milliseconds. */
const messagesPerCommit = 250

/**
 * Writes what a stretch of history comes to: in several commits when there is much. A change of ours that it does not know must
 * not be undone by it: what it says of a message that is touched is left out, and given back. `sign` is called with the last entry,
 * told whether anything was left out, now or in those before. Returns the messages that are new here, too.
 */
export async function writeHistory(
  book: Book,
  { effects }: Stretch,
  explanation: Explanation,
  options: {
    readonly sign: (entry: Entry, isWhole: boolean) => void
    readonly touched: Touched
    readonly signal: AbortSignal
  },
): Promise<{ readonly arrivals: readonly Arrival[]; readonly left: Effects }> {
  const { sign, touched, signal } = options
  const asked = new Map(
    [...explanation].map(([id, found]) => [id, found === 'gone' ? found : new Set(found.labelIds)] as const),
  )
  const arrivals: Arrival[] = []
  const left: Effects = new Map()
  // Nothing to write is still something to sign.
  const slices = effects.size === 0 ? [[]] : [...slicesOf([...effects.values()], messagesPerCommit)]
  for (const slice of slices) {
    signal.throwIfAborted()
    const arrived = await book.write(async (entry) => {
      touched.except(entry)
      const presentOf = await readPresent(
        book.store,
        slice.map(({ ref }) => ref.messageId),
      )
      const current: Effect[] = []
      for (const effect of slice) {
        const { message } = presentOf(effect.ref.messageId)
        if (message !== undefined && touched.has(message.key)) left.set(effect.ref.messageId, effect)
        else current.push(effect)
      }
      if (slice === slices.at(-1)) sign(entry, left.size === 0)
      return applyHistory(entry, current, presentOf, asked, placesOf(book))
    })
    arrivals.push(...arrived)
    await breathe()
  }
  return { arrivals, left }
}
