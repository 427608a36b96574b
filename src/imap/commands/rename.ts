import { MailError } from '#mail/errors.ts'
import { delimiter } from '#mail/mailbox.ts'
import { command, speaksUtf8 } from '../command.ts'
import type { Authenticated, Completion } from '../command.ts'
import { oneListLine } from '../list/one-line.ts'
import { findMailbox, mayUse, newMailboxName, readMailboxName, withoutDelimiter } from '../mailbox-name.ts'
import { notYours, readOnlyLogin } from '../writable.ts'

interface RenameArgs {
  readonly from: Buffer
  readonly to: Buffer
}

/** Children go along; UIDs stay. INBOX stays where it is and its messages move. RFC 9051 section 6.3.6. */
export const rename = command<RenameArgs, Authenticated>({
  name: 'RENAME',
  rfc: '9051 6.3.6',
  state: 'authenticated',
  parse(parser) {
    parser.space()
    const from = parser.mailboxName()
    parser.space()
    const to = parser.mailboxName()
    parser.end()
    return { from, to }
  },
  async *run(context, args) {
    const utf8 = speaksUtf8(context.enabled)
    const names = { from: readMailboxName(args.from, utf8), to: readMailboxName(args.to, utf8) }
    const result = await renamed(context, names)
    if ('refusal' in result) return result.refusal
    // "The OLDNAME value being the supplied existing mailbox name": the client wrote one of them otherwise. RFC 9051 section 6.3.6.
    const asWritten = result.from === withoutDelimiter(names.from) && result.to === withoutDelimiter(names.to)
    if (!asWritten && context.enabled.has('IMAP4REV2'))
      yield await oneListLine(context, result.to, names.from)
    return undefined
  },
})

/** The names as they are kept. */
async function renamed(
  context: Authenticated,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<{ readonly from: string; readonly to: string } | { readonly refusal: Completion }> {
  const refusal = readOnlyLogin(context)
  if (refusal !== undefined) return { refusal }
  const { mailstore, rights, signal } = context
  const mailbox = await findMailbox(mailstore, from, signal, rights)
  if (mailbox === undefined) throw new MailError('nonexistent', 'There is no such mailbox')
  const wanted = newMailboxName(to)
  // What would come along must be this login's to name as well. Nothing comes along from INBOX.
  const below = (await mailstore.mailboxes(signal))
    .map(({ name }) => name)
    .filter((name) => mailbox.role !== 'inbox' && name.startsWith(mailbox.name + delimiter))
  const after = below.map((name) => wanted + name.slice(mailbox.name.length))
  if (![wanted, ...below, ...after].every((name) => mayUse(rights, name))) return { refusal: notYours }
  await mailstore.renameMailbox(mailbox.name, wanted, signal)
  return { from: mailbox.name, to: wanted }
}
