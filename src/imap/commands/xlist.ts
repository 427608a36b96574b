import { command, speaksUtf8, type Authenticated } from '../command.ts'
import { patternTexts, readListArguments, type ListArgs } from '../list/arguments.ts'
import { listLine, rootLine } from '../list/attributes.ts'
import { chooseFor } from './list.ts'

/** Gmail's LIST from before RFC 6154; Outlook 2013 and 2016 find special mailboxes by it. facts/peers.md section 7. */
export const xlist = command<ListArgs, Authenticated>({
  name: 'XLIST',
  rfc: 'Gmail XLIST',
  state: 'authenticated',
  parse: readListArguments,
  async *run(context, args) {
    if (args.patterns[0]?.length === 0) {
      yield rootLine('XLIST')
      return undefined
    }
    const utf8 = speaksUtf8(context.enabled)
    const everything = { subscribed: false, specialUse: false, recursive: false }
    const chosen = await chooseFor(context, patternTexts(args, utf8), everything)
    const lines = chosen.map(({ listed }) => listLine(listed, { keyword: 'XLIST', utf8 })).join('')
    if (lines !== '') yield lines
    return undefined
  },
})
