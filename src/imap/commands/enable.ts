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

/**
 * Everything may be asked for (mutt asks for QRESYNC unseen); only what we do is named in the answer, also when it is on
 * already: what is missing there counts as not "successfully enabled". RFC 5161 section 3.2.
 */
export const enable = command<readonly string[], Authenticated>({
  name: 'ENABLE',
  rfc: '9051 6.3.1',
  state: 'authenticated',
  // enable = "ENABLE" 1*(SP capability)
  parse(parser) {
    const words: string[] = []
    parser.space()
    do words.push(parser.keyword('A capability'))
    while (parser.optionalSpace() && parser.rest > 0 && words.length < 50)
    parser.end()
    return words
  },
  async *run({ enabled, hides }, words) {
    const granted = [...known].filter(
      ([extension]) => words.includes(extension) && hides?.(extension) !== true,
    )
    for (const [extension] of granted) enabled.add(extension)
    // "ENABLE QRESYNC is a CONDSTORE-enabling command". RFC 7162 section 3.2.3.
    if (enabled.has('QRESYNC')) enabled.add('CONDSTORE')
    yield `* ENABLED${granted.map(([, word]) => ` ${word}`).join('')}\r\n`
    return undefined
  },
})
