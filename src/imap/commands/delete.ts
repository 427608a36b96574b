import { MailError } from '#mail/errors.ts'
import { command, speaksUtf8 } from '../command.ts'
import { findMailbox, readMailboxName } from '../mailbox-name.ts'
import type { Selecting } from '../session-context.ts'
import { readOnlyLogin } from '../writable.ts'

/** The label goes; its messages stay in All Mail, and its children where they are. RFC 9051 section 6.3.5. */
export const deleteMailbox = command<Buffer, Selecting>({
  name: 'DELETE',
  rfc: '9051 6.3.5',
  state: 'authenticated',
  parse(parser) {
    parser.space()
    const name = parser.mailboxName()
    parser.end()
    return name
  },
  async *run(context, octets) {
    const refusal = readOnlyLogin(context)
    if (refusal !== undefined) return refusal
    const { mailstore, rights, enabled, signal, selected } = context
    const mailbox = await findMailbox(mailstore, readMailboxName(octets, speaksUtf8(enabled)), signal, rights)
    if (mailbox === undefined) throw new MailError('nonexistent', 'There is no such mailbox')
    if (!mailbox.selectable && mailbox.hasChildren)
      return { status: 'NO', code: 'HASCHILDREN', text: 'Only other mailboxes are below this name' }
    await mailstore.deleteMailbox(mailbox.name, signal)
    if (selected !== undefined && selected.mailbox.id === mailbox.id) {
      context.unselect()
      yield '* OK [CLOSED] The mailbox that was selected is gone\r\n'
    }
    return undefined
  },
})
