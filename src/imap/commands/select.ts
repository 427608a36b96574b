import { MailError } from '#mail/errors.ts'
import { command, speaksUtf8 } from '../command.ts'
import type { Answers, Command } from '../command.ts'
import { findMailbox, readMailboxName } from '../mailbox-name.ts'
import { mailboxObjectId } from '../object-ids.ts'
import type { Parser } from '../parser.ts'
import type { Selecting } from '../session-context.ts'

interface SelectArgs {
  readonly name: Buffer
  readonly condstore: boolean
}

export const select: Command<SelectArgs, Selecting> = command({
  name: 'SELECT',
  rfc: '9051 6.3.2',
  state: 'authenticated',
  parse,
  run: (context, args) => open(context, args, context.rights.readOnly),
})

export const examine: Command<SelectArgs, Selecting> = command({
  name: 'EXAMINE',
  rfc: '9051 6.3.3',
  state: 'authenticated',
  parse,
  run: (context, args) => open(context, args, true),
})

// select = "SELECT" SP mailbox [SP "(" select-param *(SP select-param) ")"]. RFC 4466 section 2.4.
function parse(parser: Parser): SelectArgs {
  parser.space()
  const name = parser.mailboxName()
  const words =
    parser.optionalSpace() && parser.rest > 0 ? parser.list(() => parser.keyword('A parameter')) : []
  parser.end()
  if (words.some((word) => word !== 'CONDSTORE')) parser.fail('This parameter is not known here')
  return { name, condstore: words.length > 0 }
}

/** Whatever comes of it, the mailbox selected before is no longer. RFC 9051 section 6.3.2. */
async function* open(context: Selecting, { name, condstore }: SelectArgs, readOnly: boolean): Answers {
  const { mailstore, rights, enabled, signal } = context
  context.unselect()
  const wanted = readMailboxName(name, speaksUtf8(enabled))
  const mailbox = await findMailbox(mailstore, wanted, signal, rights)
  if (mailbox === undefined) throw new MailError('nonexistent', 'There is no such mailbox')
  if (mailbox.id === undefined || !mailbox.selectable)
    throw new MailError('nonexistent', 'This name only has mailboxes below it')
  const view = context.select(await mailstore.open(mailbox.id, signal), readOnly)
  mailstore.poke()
  if (condstore) enabled.add('CONDSTORE')
  const { uids, uidNext, uidValidity, highestModSeq } = view.told
  const unseen = view.firstUnseen()
  // Texts after the codes: parsers choke on a bare [HIGHESTMODSEQ n], as Gmail sends it.
  yield (
    view.keywords.announce(readOnly) +
    `* ${uids.length} EXISTS\r\n* 0 RECENT\r\n` +
    (unseen === undefined || enabled.has('UIDONLY') ? '' : `* OK [UNSEEN ${unseen}] First unseen\r\n`) +
    `* OK [UIDVALIDITY ${uidValidity}] UIDs valid\r\n` +
    `* OK [UIDNEXT ${uidNext}] Predicted next UID\r\n` +
    `* OK [HIGHESTMODSEQ ${highestModSeq}] Highest\r\n` +
    `* OK [MAILBOXID (${mailboxObjectId(mailbox.id)})] Never used again\r\n`
  )
  return readOnly
    ? { status: 'OK', code: 'READ-ONLY', text: 'Opened for reading only' }
    : { status: 'OK', code: 'READ-WRITE', text: 'Opened' }
}
