import { command, type Selected } from '../command.ts'
import { readSearchArguments, type SearchArgs } from '../search/arguments.ts'
import { offeredCharsets } from '../search/charset.ts'
import { everyKey } from '../search/key.ts'
import { esearchLine, savedUids, searchLine, type Found } from '../search/result.ts'
import { findMatches } from '../search/search.ts'

/** Searches the selected mailbox, with ESEARCH, SEARCHRES, WITHIN, CONDSTORE and Gmail's keys. RFC 9051 section 6.4.4. */
export const search = command<SearchArgs, Selected>({
  name: 'SEARCH',
  rfc: '9051 6.4.4',
  state: 'selected',
  uid: true,
  holdsExpunges: true,
  parse: readSearchArguments,
  async *run(context, { uid, returns, key }) {
    const { view, enabled, tag } = context
    const save = returns?.has('SAVE') === true
    if (key === undefined) {
      if (save) view.saved = new Uint32Array()
      return { status: 'NO', code: `BADCHARSET (${offeredCharsets})`, text: 'This charset is not known' }
    }
    const modSeq = [...everyKey(key)].some(({ kind }) => kind === 'modseq')
    if (modSeq) enabled.add('CONDSTORE')
    let indexes: Uint32Array
    try {
      indexes = await findMatches(context, key)
    } catch (error) {
      // "$ is set to the empty sequence when the SEARCH fails with NO". RFC 9051 section 6.4.4.1.
      if (save) view.saved = new Uint32Array()
      throw error
    }
    const found: Found = { told: view.told, indexes, uid, modSeq }
    if (returns !== undefined) {
      if (save) view.saved = savedUids(returns, found)
      // SAVE alone asks for no answer. RFC 9051 section 6.4.4.
      if (!save || returns.size > 1) yield esearchLine(tag, returns, found)
      // "IMAP4rev2 … replaced SEARCH with ESEARCH". RFC 9051 appendix E.
    } else if (enabled.has('IMAP4REV2')) yield esearchLine(tag, new Set(['ALL']), found)
    else yield* searchLine(found)
    return undefined
  },
})
