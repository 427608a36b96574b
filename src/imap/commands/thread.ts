import { command, type Chunk, type Selected } from '../command.ts'
import { readCharset, readKeys } from '../search/arguments.ts'
import { namesByNumber, type SearchKey } from '../search/key.ts'
import { badCharset } from '../search/run.ts'
import { findMatches } from '../search/search.ts'
import { readLetters } from '../thread/letters.ts'
import { orderedSubject } from '../thread/ordered-subject.ts'
import { byReferences, referencesRules, refsRules } from '../thread/references.ts'
import { threadLine } from '../thread/threads.ts'

/** Each is announced as THREAD=NAME. */
const threadAlgorithms = ['ORDEREDSUBJECT', 'REFERENCES', 'REFS'] as const
type Algorithm = (typeof threadAlgorithms)[number]

interface ThreadArgs {
  readonly uid: boolean
  readonly algorithm: Algorithm
  readonly key: SearchKey | undefined
}

/** Searches and puts what belongs together in threads, from the index. RFC 5256 section 3. */
export const thread = command<ThreadArgs, Selected>({
  name: 'THREAD',
  rfc: '5256 3',
  state: 'selected',
  uid: true,
  holdsExpunges: true,
  namesByNumber: ({ key }) => key !== undefined && namesByNumber(key),
  // thread = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
  parse(parser, { uid }) {
    parser.space()
    const word = parser.keyword('A threading algorithm')
    const algorithm =
      threadAlgorithms.find((name) => name === word) ?? parser.fail('This threading algorithm is not known')
    parser.space()
    return { uid, algorithm, key: readKeys(parser, readCharset(parser)) }
  },
  async *run(context, { uid, algorithm, key }) {
    if (key === undefined) return badCharset
    const { view, turns, signal } = context
    const turn = turns.begin('work')
    const { letters, ids } = await readLetters(context, await findMatches(context, key), turn)
    const rules = algorithm === 'REFS' ? refsRules : referencesRules
    const threads =
      algorithm === 'ORDEREDSUBJECT'
        ? await orderedSubject(letters, turn, signal)
        : await byReferences(letters, ids, rules, turn, signal)
    const numberOf = (node: number) => {
      const index = letters[node]?.index ?? 0
      return uid ? (view.told.uids[index] as number) : index + 1
    }
    // Nothing may be waited for between the pieces of one answer.
    const pieces: Chunk[] = []
    for (const piece of threadLine(threads, numberOf)) {
      pieces.push(piece)
      if (turn.over) await turn.next(signal)
    }
    yield* pieces
    return undefined
  },
})
