import { MailError } from '#mail/errors.ts'
import { command, speaksUtf8, type Authenticated } from '../command.ts'
import { countsFor } from '../list/counts.ts'
import { readStatusItems, statusLine, type StatusItem } from '../list/status-items.ts'
import { findMailbox, readMailboxName } from '../mailbox-name.ts'
import { refresh } from '../refresh.ts'

interface StatusArgs {
  readonly name: Buffer
  readonly items: readonly StatusItem[]
}

/** Counts of a mailbox that need not be selected, with STATUS=SIZE. RFC 9051 section 6.3.11. */
export const status = command<StatusArgs, Authenticated>({
  name: 'STATUS',
  rfc: '9051 6.3.11',
  state: 'authenticated',
  // status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
  parse(parser) {
    parser.space()
    const name = parser.mailboxName()
    parser.space()
    const items = readStatusItems(parser)
    parser.end()
    return { name, items }
  },
  async *run(context, { name, items }) {
    const { mailstore, rights, enabled, signal } = context
    const utf8 = speaksUtf8(enabled)
    const mailbox = await findMailbox(mailstore, readMailboxName(name, utf8), signal, rights)
    if (mailbox?.id === undefined || !mailbox.selectable)
      throw new MailError('nonexistent', 'There is no such mailbox')
    // "A STATUS command … with HIGHESTMODSEQ" is CONDSTORE-enabling. RFC 7162 section 3.1.
    if (items.includes('HIGHESTMODSEQ')) enabled.add('CONDSTORE')
    await refresh(context)
    const counts = await countsFor(context, mailbox.id, items)
    yield statusLine(mailbox.name, mailbox.id, counts, items, utf8)
    return undefined
  },
})
