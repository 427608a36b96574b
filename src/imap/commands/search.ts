import { command, type Selected } from '../command.ts'
import { readSearchArguments, type SearchArgs } from '../search/arguments.ts'
import { namesByNumber } from '../search/key.ts'
import { runSearch } from '../search/run.ts'

/** Searches the selected mailbox, with ESEARCH, PARTIAL, SEARCHRES, WITHIN, CONDSTORE and Gmail's keys. RFC 9051 section 6.4.4. */
export const search = command<SearchArgs, Selected>({
  name: 'SEARCH',
  rfc: '9051 6.4.4',
  state: 'selected',
  uid: true,
  holdsExpunges: true,
  namesByNumber: ({ key }) => key !== undefined && namesByNumber(key),
  parse: readSearchArguments,
  run: (context, args) => runSearch(context, args),
})
