import { command, onlyEnd } from '../command.ts'
import type { Authenticated, Completion } from '../command.ts'
import { readAppendedMessage } from '../append/arguments.ts'
import type { AppendedMessage } from '../append/arguments.ts'
import { completeMail } from '../append/complete-mail.ts'
import { appendUid } from '../uidplus.ts'
import { readOnlyLogin, targetOf } from '../writable.ts'

interface AppendArgs {
  readonly name: Buffer
  readonly messages: readonly AppendedMessage[]
}

/** Puts messages in, all or none of them, with MULTIAPPEND, CATENATE, BINARY and UTF8. RFC 9051 section 6.3.12. */
export const append = command<AppendArgs, Authenticated>({
  name: 'APPEND',
  rfc: '9051 6.3.12',
  state: 'authenticated',
  takesMessage: true,
  // append = "APPEND" SP mailbox 1*append-message. RFC 3502 section 6.3.11.
  parse(parser) {
    parser.space()
    const name = parser.mailboxName()
    const messages = [readAppendedMessage(parser)]
    while (parser.rest > 1) messages.push(readAppendedMessage(parser))
    parser.end()
    return { name, messages }
  },
  run: (context, args) => onlyEnd(appended(context, args)),
})

async function appended(context: Authenticated, { name, messages }: AppendArgs): Promise<Completion> {
  const refusal = readOnlyLogin(context)
  if (refusal !== undefined) return refusal
  const { mailstore, signal } = context
  const target = await targetOf(context, name)
  if (typeof target === 'object') return target
  const mails = await completeMail(context, messages)
  if ('status' in mails) return mails
  const code = appendUid(await mailstore.append(target, mails, signal))
  return { status: 'OK', code, text: 'APPEND completed' }
}
