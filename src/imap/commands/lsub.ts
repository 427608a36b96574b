import { command, speaksUtf8, type Authenticated } from '../command.ts'
import { patternTexts } from '../list/arguments.ts'
import { listLine, rootLine } from '../list/attributes.ts'
import { chooseFor } from './list.ts'

interface LsubArgs {
  readonly reference: Buffer
  readonly pattern: Buffer
}

/** Subscribed mailboxes, for clients of IMAP4rev1. RFC 3501 section 6.3.9. */
export const lsub = command<LsubArgs, Authenticated>({
  name: 'LSUB',
  rfc: '3501 6.3.9',
  state: 'authenticated',
  // lsub = "LSUB" SP mailbox SP list-mailbox
  parse(parser) {
    parser.space()
    const reference = parser.mailboxName()
    parser.space()
    const pattern = parser.listPattern()
    parser.end()
    return { reference, pattern }
  },
  async *run(context, { reference, pattern }) {
    if (pattern.length === 0) {
      yield rootLine('LSUB')
      return undefined
    }
    const utf8 = speaksUtf8(context.enabled)
    const texts = patternTexts({ reference, patterns: [pattern] }, utf8)
    // "If foo/bar is subscribed and foo is not, % returns foo with \Noselect": what RECURSIVEMATCH calls selected below.
    const chosen = await chooseFor(context, texts, { subscribed: true, specialUse: false, recursive: true })
    const lines = chosen
      .map(({ listed, selected }) => listLine(listed, { keyword: 'LSUB', utf8, noSelect: !selected }))
      .join('')
    if (lines !== '') yield lines
    return undefined
  },
})
