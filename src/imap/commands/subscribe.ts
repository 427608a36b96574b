import { command, onlyEnd, speaksUtf8 } from '../command.ts'
import type { Authenticated, Command, Completion } from '../command.ts'
import { findMailbox, mayUse, readMailboxName, withoutDelimiter } from '../mailbox-name.ts'
import type { Parser } from '../parser.ts'
import { notYours, readOnlyLogin } from '../writable.ts'

/** Also a name that has no mailbox (yet, or any more). RFC 9051 section 6.3.7. */
export const subscribe: Command<Buffer, Authenticated> = command({
  name: 'SUBSCRIBE',
  rfc: '9051 6.3.7',
  state: 'authenticated',
  parse,
  run: (context, name) => onlyEnd(noted(context, name, true)),
})

export const unsubscribe: Command<Buffer, Authenticated> = command({
  name: 'UNSUBSCRIBE',
  rfc: '9051 6.3.8',
  state: 'authenticated',
  parse,
  run: (context, name) => onlyEnd(noted(context, name, false)),
})

function parse(parser: Parser): Buffer {
  parser.space()
  const name = parser.mailboxName()
  parser.end()
  return name
}

/** LIST would show it, and "" stands there for the delimiter. RFC 9051 section 6.3.9. */
const noName: Completion = { status: 'NO', code: 'CANNOT', text: 'This is no name of a mailbox' }

async function noted(
  context: Authenticated,
  octets: Buffer,
  subscribed: boolean,
): Promise<Completion | undefined> {
  const refusal = readOnlyLogin(context)
  if (refusal !== undefined) return refusal
  const { mailstore, rights, enabled, signal } = context
  const name = withoutDelimiter(readMailboxName(octets, speaksUtf8(enabled)))
  if (name === '') return noName
  if (!mayUse(rights, name)) return notYours
  const mailbox = await findMailbox(mailstore, name, signal)
  await mailstore.setSubscribed(mailbox?.name ?? name, subscribed, signal)
  return undefined
}
