import { MailError } from '#mail/errors.ts'
import { diffSnapshots } from '#mail/snapshot.ts'
import type { Chunk, Selected } from '../command.ts'
import { findMatches } from '../search/search.ts'
import type { ContextBook } from './context-book.ts'
import { noUpdate } from './no-update.ts'
import { placesIn, takeOut, updateLine, type SearchContext } from './search-context.ts'

/** Looks at the messages that came or changed since, and tells what they change in the results. RFC 5267 section 4.3. */
export async function* tellUpdates(context: Selected, book: ContextBook): AsyncGenerator<Chunk, void, void> {
  for (const one of book.all()) {
    if (one.seen === context.view.told) continue
    try {
      const line = await updateOf(context, one)
      if (line !== undefined) yield line
    } catch (error) {
      if (!(error instanceof MailError) || context.signal.aborted) throw error
      // Results that are not kept up to date any more must not look as if they were.
      book.cancel(one.tag)
      context.log.debug({ code: error.code }, 'a search cannot be kept up to date')
      yield noUpdate(one.tag, 'Google cannot be asked now')
    }
  }
}

async function updateOf(context: Selected, one: SearchContext): Promise<string | undefined> {
  const { told } = context.view
  const { added, changed } = diffSnapshots(one.seen, told)
  const uids = [...added, ...changed].map((index) => told.uids[index] as number).sort((a, b) => a - b)
  one.seen = told
  if (uids.length === 0) return undefined
  const set = uids.map((uid) => ({ from: uid, to: uid }))
  const matches = await findMatches(context, {
    kind: 'and',
    keys: [{ kind: 'numbers', of: 'uid', set }, one.key],
  })
  const matching = new Set(matches.values().map((index) => told.uids[index] as number))
  const looked = new Set(uids)
  const { left, removed } = takeOut(one, (uid) => looked.has(uid) && !matching.has(uid))
  for (const uid of left) matching.delete(uid)
  one.results = matching.size === 0 ? left : await together(context, one, left, matching)
  if (removed.length === 0 && matching.size === 0) return undefined
  return updateLine(one, told, { removed, added: placesIn(one.results, matching) })
}

/** The results with those that come to them, in their order. */
async function together(
  { view }: Selected,
  { order }: SearchContext,
  left: Uint32Array,
  coming: ReadonlySet<number>,
): Promise<Uint32Array> {
  const all = Uint32Array.from([...left, ...coming]).sort()
  if (order === undefined) return all
  const { uids } = view.told
  const set = [...all].map((uid) => ({ from: uid, to: uid }))
  const sorted = await order(view.indexesOfUids(set))
  return sorted.map((index) => uids[index] as number)
}
