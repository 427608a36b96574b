import type { Answers, Completion, Selected } from '../command.ts'
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

/** SEARCH, and SORT, which puts what was found in order. */
export async function* runSearch(
  context: Selected,
  { uid, returns, key }: SearchArgs,
  order?: (found: Uint32Array) => Promise<Uint32Array>,
): Answers {
  const { view, enabled, tag } = context
  const save = returns?.options.has('SAVE') === true
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
  if (returns !== undefined) {
    if (save) view.saved = savedUids(returns, found)
    // SAVE alone asks for no answer. RFC 9051 section 6.4.4.
    if (!save || returns.options.size > 1) yield esearchLine(tag, returns, found)
  } else if (order !== undefined) yield* searchLine(found, 'SORT')
  else if (enabled.has('IMAP4REV2')) yield esearchLine(tag, allReturned, found)
  else yield* searchLine(found)
  return undefined
}
