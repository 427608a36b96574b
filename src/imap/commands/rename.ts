import { MailError } from '#mail/errors.ts'
import { delimiter } from '#mail/mailbox.ts'
import { command, onlyEnd, speaksUtf8 } from '../command.ts'
import type { Authenticated, Completion } from '../command.ts'
import { findMailbox, mayUse, readMailboxName, withoutDelimiter } from '../mailbox-name.ts'
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
  run: (context, args) => onlyEnd(renamed(context, args)),
})

async function renamed(context: Authenticated, { from, to }: RenameArgs): Promise<Completion | undefined> {
  const refusal = readOnlyLogin(context)
  if (refusal !== undefined) return refusal
  const { mailstore, rights, enabled, signal } = context
  const utf8 = speaksUtf8(enabled)
  const mailbox = await findMailbox(mailstore, readMailboxName(from, utf8), signal, rights)
  if (mailbox === undefined) throw new MailError('nonexistent', 'There is no such mailbox')
  const wanted = withoutDelimiter(readMailboxName(to, utf8))
  // What would come along must be this login's to name as well. Nothing comes along from INBOX.
  const below = (await mailstore.mailboxes(signal))
    .map(({ name }) => name)
    .filter((name) => mailbox.role !== 'inbox' && name.startsWith(mailbox.name + delimiter))
  const after = below.map((name) => wanted + name.slice(mailbox.name.length))
  if (![wanted, ...below, ...after].every((name) => mayUse(rights, name))) return notYours
  await mailstore.renameMailbox(mailbox.name, wanted, signal)
  return undefined
}
