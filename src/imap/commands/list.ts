import { MailError } from '#mail/errors.ts'
import { command, speaksUtf8, type Answers, type Authenticated } from '../command.ts'
import { patternTexts, readListArguments, type ListArgs } from '../list/arguments.ts'
import { listLine, rootLine, type LineForm } from '../list/attributes.ts'
import { countsFor } from '../list/counts.ts'
import { listedNames, type ListedName } from '../list/names.ts'
import { listPattern } from '../list/pattern.ts'
import { choose, type Chosen } from '../list/selection.ts'
import { statusLine, type StatusItem } from '../list/status-items.ts'

/** The mailboxes, with LIST-EXTENDED, SPECIAL-USE and LIST-STATUS. RFC 9051 section 6.3.9. */
export const list = command<ListArgs, Authenticated>({
  name: 'LIST',
  rfc: '9051 6.3.9',
  state: 'authenticated',
  parse: readListArguments,
  async *run(context, args) {
    if (!args.extended && args.patterns[0]?.length === 0) {
      yield rootLine('LIST')
      return undefined
    }
    const utf8 = speaksUtf8(context.enabled)
    const selection = {
      subscribed: args.select.has('SUBSCRIBED'),
      specialUse: args.select.has('SPECIAL-USE'),
      recursive: args.select.has('RECURSIVEMATCH'),
    }
    const chosen = await chooseFor(context, patternTexts(args, utf8), selection)
    const form: LineForm = {
      keyword: 'LIST',
      utf8,
      subscribed: args.returnSubscribed || selection.subscribed,
      nonExistent: args.extended || context.enabled.has('IMAP4REV2'),
    }
    const criterion = selection.subscribed ? 'SUBSCRIBED' : 'SPECIAL-USE'
    const lines = chosen
      .map(({ listed, selectedBelow }) =>
        listLine(listed, form, selectedBelow ? ` ("CHILDINFO" ("${criterion}"))` : ''),
      )
      .join('')
    if (lines !== '') yield lines
    if (args.returnStatus.length > 0) yield* statusOf(context, chosen, args.returnStatus, utf8)
    return undefined
  },
})

/** The names a login may see that match and are selected; long lists are worked through in turns. */
export async function chooseFor(
  { mailstore, rights, turns, signal }: Authenticated,
  patterns: readonly string[],
  selection: { subscribed: boolean; specialUse: boolean; recursive: boolean },
): Promise<Chosen[]> {
  const names = listedNames(await mailstore.mailboxes(signal), rights)
  const turn = turns.begin('work')
  return choose(names, patterns.map(listPattern), selection, () =>
    turn.over ? turn.next(signal) : undefined,
  )
}

/**
 * STATUS of every name that can be selected; "if the server is unable to look up … it MUST NOT return a STATUS
 * response" for it. RFC 5819 section 2.
 */
async function* statusOf(
  context: Authenticated,
  chosen: readonly Chosen[],
  items: readonly StatusItem[],
  utf8: boolean,
): Answers {
  const { enabled, log } = context
  if (items.includes('HIGHESTMODSEQ')) enabled.add('CONDSTORE')
  const selected: ListedName[] = chosen.filter((one) => one.selected).map(({ listed }) => listed)
  for (const { name, mailbox } of selected) {
    if (mailbox?.id === undefined) continue
    try {
      yield statusLine(name, mailbox.id, await countsFor(context, mailbox.id, items), items, utf8)
    } catch (error) {
      if (!(error instanceof MailError)) throw error
      log.debug({ mailboxId: mailbox.id, code: error.code }, 'No STATUS for a mailbox of LIST')
    }
  }
  return undefined
}
