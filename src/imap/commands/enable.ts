import { command } from '../command.ts'
import type { Authenticated, Extension } from '../command.ts'

/** What can be switched on, as it is written. */
const known: ReadonlyMap<Extension, string> = new Map<Extension, string>([
  ['CONDSTORE', 'CONDSTORE'],
  ['QRESYNC', 'QRESYNC'],
  ['UTF8=ACCEPT', 'UTF8=ACCEPT'],
  ['IMAP4REV2', 'IMAP4rev2'],
  ['UIDONLY', 'UIDONLY'],
])

/** Everything may be asked for (mutt asks for QRESYNC unseen); only what we do is named in the answer. RFC 5161. */
export const enable = command<readonly string[], Authenticated>({
  name: 'ENABLE',
  rfc: '9051 6.3.1',
  state: 'authenticated',
  // enable = "ENABLE" 1*(SP capability)
  parse(parser) {
    const words: string[] = []
    do {
      parser.space()
      words.push(parser.keyword('A capability'))
    } while (parser.rest > 0 && words.length < 50)
    parser.end()
    return words
  },
  async *run({ enabled, hides }, words) {
    const switched = [...known].filter(
      ([extension]) => words.includes(extension) && !enabled.has(extension) && hides?.(extension) !== true,
    )
    for (const [extension] of switched) enabled.add(extension)
    // "ENABLE QRESYNC is a CONDSTORE-enabling command". RFC 7162 section 3.2.3.
    if (enabled.has('QRESYNC')) enabled.add('CONDSTORE')
    yield `* ENABLED${switched.map(([, word]) => ` ${word}`).join('')}\r\n`
    return undefined
  },
})
