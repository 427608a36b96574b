import type { Answers, Chunk, Completion, Selected } from '../command.ts'
import { canFollow, type SearchContext } from '../context/search-context.ts'
import { noUpdate } from '../context/no-update.ts'
import type { View } from '../view.ts'
import type { Returns, SearchArgs } from './arguments.ts'
import { offeredCharsets } from './charset.ts'
import { everyKey } from './key.ts'
import { esearchLine, savedUids, searchLine, type Found } from './result.ts'
import { findMatches } from './search.ts'

/** What IMAP4rev2 gives without RETURN: it "replaced SEARCH with ESEARCH". RFC 9051 appendix E. */
const allReturned: Returns = { options: new Set(['ALL']), page: undefined }

/** The answer where the charset of a search is not known. */
export const badCharset: Completion = {
  status: 'NO',
  code: `BADCHARSET (${offeredCharsets})`,
  text: 'This charset is not known',
}

/** Notes that the client wants to hear when the results change, or says that it will not. RFC 5267 section 4.3. */
function* keep({ contexts }: View, wanted: SearchContext): Generator<Chunk, void, void> {
  if (!canFollow(wanted.key)) yield noUpdate(wanted.tag, 'The results of this cannot be followed')
  else if (!contexts.add(wanted)) yield noUpdate(wanted.tag, 'Too many contexts')
}

function uidsOf({ told, indexes }: Found): Uint32Array {
  return indexes.map((index) => told.uids[index] as number)
}

/** SEARCH, and SORT, which puts what was found in order. */
export async function* runSearch(
  context: Selected,
  { uid, returns, key, hasCharset }: SearchArgs,
  order?: (found: Uint32Array) => Promise<Uint32Array>,
): Answers {
  const { view, enabled, tag } = context
  const save = returns?.options.has('SAVE') === true
  const update = returns?.options.has('UPDATE') === true
  // "A client MUST NOT reuse" it while it names a search that is kept up to date. RFC 5267 section 4.3.1.
  if (update && view.contexts.has(tag)) return { status: 'BAD', text: 'This tag names a search already' }
  // "It SHOULD reject the command with a BAD response". RFC 6855 section 3.
  if (hasCharset === true && enabled.has('UTF8=ACCEPT'))
    return { status: 'BAD', text: 'UTF8=ACCEPT is enabled, no charset may be named' }
  if (key === undefined) {
    if (save) view.saved = new Uint32Array()
    return badCharset
  }
  const modSeq = [...everyKey(key)].some(({ kind }) => kind === 'modseq')
  if (modSeq) enabled.add('CONDSTORE')
  let indexes: Uint32Array
  try {
    indexes = await findMatches(context, key)
    if (order !== undefined) indexes = await order(indexes)
  } catch (error) {
    // "$ is set to the empty sequence when the SEARCH fails with NO". RFC 9051 section 6.4.4.1.
    if (save) view.saved = new Uint32Array()
    throw error
  }
  const found: Found = { told: view.told, indexes, uid, modSeq }
  if (update) yield* keep(view, { tag, uid, key, order, results: uidsOf(found), seen: view.told })
  if (returns !== undefined) {
    if (save) view.saved = savedUids(returns, found)
    // SAVE alone asks for no answer. RFC 9051 section 6.4.4.
    if (!save || returns.options.size > 1) yield esearchLine(tag, returns, found)
  } else if (order !== undefined) yield* searchLine(found, 'SORT')
  else if (enabled.has('IMAP4REV2')) yield esearchLine(tag, allReturned, found)
  else yield* searchLine(found)
  return undefined
}
