import { MailError } from '#mail/errors.ts'
import { command, speaksUtf8 } from '../command.ts'
import type { Answers, Chunk, Command, Selected } from '../command.ts'
import { fetchAnswers } from '../fetch/answers.ts'
import type { FetchItem } from '../fetch/item.ts'
import { oneListLine } from '../list/one-line.ts'
import { findMailbox, readMailboxName, withoutDelimiter } from '../mailbox-name.ts'
import { mailboxObjectId } from '../object-ids.ts'
import type { Parser } from '../parser.ts'
import { refresh } from '../refresh.ts'
import { uidRequired } from '../refusals.ts'
import { readLastKnown } from '../resync/last-known.ts'
import type { LastKnown } from '../resync/last-known.ts'
import { vanishedEarlier } from '../resync/vanished-earlier.ts'
import type { SelectedView } from '../selected-view.ts'
import type { Selecting } from '../session-context.ts'

interface SelectArgs {
  readonly name: Buffer
  readonly condstore: boolean
  /** RFC 7162 section 3.2.5. */
  readonly lastKnown: LastKnown | undefined
}

/** `view` is there once the mailbox is open. */
type Opening = Selecting & Selected

export const select: Command<SelectArgs, Opening> = command({
  name: 'SELECT',
  rfc: '9051 6.3.2',
  state: 'authenticated',
  parse,
  run: (context, args) => open(context, args, context.rights.readOnly),
})

export const examine: Command<SelectArgs, Opening> = command({
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
  let condstore = false
  let lastKnown: LastKnown | undefined
  if (parser.optionalSpace() && parser.rest > 0)
    parser.list(() => {
      const word = parser.keyword('A parameter')
      if (word === 'CONDSTORE') condstore = true
      else if (word === 'QRESYNC') {
        parser.space()
        lastKnown = readLastKnown(parser)
      } else parser.fail('This parameter is not known here')
    })
  parser.end()
  return { name, condstore, lastKnown }
}

/** Whatever comes of it, the mailbox selected before is no longer. RFC 9051 section 6.3.2. */
async function* open(context: Opening, args: SelectArgs, readOnly: boolean): Answers {
  const { mailstore, rights, enabled, signal } = context
  const { lastKnown } = args
  if (lastKnown !== undefined && !enabled.has('QRESYNC'))
    return { status: 'BAD', text: 'ENABLE QRESYNC first' }
  // "Message numbers … cannot be used in requests once this extension is enabled". RFC 9586.
  if (lastKnown?.hasNumbers === true && enabled.has('UIDONLY')) throw uidRequired()
  const wanted = readMailboxName(args.name, speaksUtf8(enabled))
  if (context.selected !== undefined) {
    context.unselect()
    // What comes next is about another mailbox. RFC 7162 section 3.2.11.
    yield '* OK [CLOSED] The mailbox before is closed\r\n'
  }
  const mailbox = await findMailbox(mailstore, wanted, signal, rights)
  if (mailbox === undefined) throw new MailError('nonexistent', 'There is no such mailbox')
  if (mailbox.id === undefined || !mailbox.selectable)
    throw new MailError('nonexistent', 'This name only has mailboxes below it')
  await refresh(context)
  const view = context.select(await mailstore.open(mailbox.id, signal), readOnly)
  if (args.condstore) enabled.add('CONDSTORE')
  // "The server MUST return a LIST response" for the mailbox. RFC 9051 section 6.3.2.
  const listed = enabled.has('IMAP4REV2')
    ? await oneListLine(context, mailbox.name, withoutDelimiter(wanted))
    : ''
  yield introduction(context, view) + listed
  if (lastKnown !== undefined && lastKnown.uidValidity === view.told.uidValidity)
    yield* whatChanged(context, view, lastKnown)
  return readOnly
    ? { status: 'OK', code: 'READ-ONLY', text: 'Opened for reading only' }
    : { status: 'OK', code: 'READ-WRITE', text: 'Opened' }
}

/** Texts after the codes: parsers choke on a bare [HIGHESTMODSEQ n], as Gmail sends it. */
function introduction({ enabled }: Selecting, view: SelectedView): string {
  const { mailbox, uids, uidNext, uidValidity, highestModSeq } = view.told
  const rev2 = enabled.has('IMAP4REV2')
  const unseen = rev2 || enabled.has('UIDONLY') ? undefined : view.firstUnseen()
  return (
    view.keywords.announce(view.readOnly) +
    `* ${uids.length} EXISTS\r\n` +
    (rev2 ? '' : `* ${view.recentCount} RECENT\r\n`) +
    (unseen === undefined ? '' : `* OK [UNSEEN ${unseen}] First unseen\r\n`) +
    `* OK [UIDVALIDITY ${uidValidity}] UIDs valid\r\n` +
    `* OK [UIDNEXT ${uidNext}] Predicted next UID\r\n` +
    `* OK [HIGHESTMODSEQ ${highestModSeq}] Highest\r\n` +
    `* OK [MAILBOXID (${mailboxObjectId(mailbox)})] Never used again\r\n`
  )
}

const flagItems: readonly FetchItem[] = (['UID', 'FLAGS', 'MODSEQ'] as const).map((label) => ({
  kind: 'plain',
  label,
}))
const itemsOfUidOnly = flagItems.filter(({ label }) => label !== 'UID')

/** All that happened since to the messages that the client knows. RFC 7162 section 3.2.5. */
async function* whatChanged(
  context: Opening,
  view: SelectedView,
  { modSeq, uids }: LastKnown,
): AsyncGenerator<Chunk, void, void> {
  const { told } = view
  if (modSeq >= told.highestModSeq) return
  const vanished = await vanishedEarlier(context.mailstore, told, modSeq, uids)
  if (vanished !== '') yield vanished
  const changed = view
    .indexesOfUids(uids ?? [{ from: 1, to: Infinity }])
    .filter((index) => (told.modSeqs[index] as number) > modSeq)
  const items = context.enabled.has('UIDONLY') ? itemsOfUidOnly : flagItems
  yield* fetchAnswers(context, changed, items)
}
