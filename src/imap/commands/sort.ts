import { command, type Selected } from '../command.ts'
import { readCharset, readKeys, readReturns, type SearchArgs } from '../search/arguments.ts'
import { namesByNumber } from '../search/key.ts'
import { runSearch } from '../search/run.ts'
import { readCriteria, type Criterion } from '../sort/criterion.ts'
import { sortMatches } from '../sort/sort.ts'

interface SortArgs extends SearchArgs {
  readonly criteria: readonly Criterion[]
}

/** Searches and puts in order, from the index, with ESORT and SORT=DISPLAY. RFC 5256 section 3, RFC 5267 section 3. */
export const sort = command<SortArgs, Selected>({
  name: 'SORT',
  rfc: '5256 3',
  state: 'selected',
  uid: true,
  holdsExpunges: true,
  namesByNumber: ({ key }) => key !== undefined && namesByNumber(key),
  // sort = ["UID" SP] "SORT" [SP "RETURN" SP options] SP sort-criteria SP search-criteria; the charset must be there.
  parse(parser, { uid }) {
    const returns = readReturns(parser)
    parser.space()
    const criteria = readCriteria(parser)
    parser.space()
    return { uid, returns, criteria, key: readKeys(parser, readCharset(parser)) }
  },
  run: (context, args) => runSearch(context, args, (found) => sortMatches(context, found, args.criteria)),
})
