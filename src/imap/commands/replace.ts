import type { NumberSet } from '#mail/number-set.ts'
import { readAppendedMessage } from '../append/arguments.ts'
import type { AppendedMessage } from '../append/arguments.ts'
import { completeMail } from '../append/complete-mail.ts'
import { command } from '../command.ts'
import { Places } from '../places.ts'
import type { Hearing } from '../notify/tell.ts'
import type { Storing } from '../session-context.ts'
import { appendUid } from '../uidplus.ts'
import { endOfExpunge } from '../vanishing.ts'
import { keepingLogin, readOnlyMailbox, targetOf } from '../writable.ts'

interface ReplaceArgs {
  readonly set: NumberSet
  readonly uid: boolean
  readonly name: Buffer
  readonly message: AppendedMessage
}

/** A new version of a message takes the place of the old one: how a draft is saved in one step. RFC 8508 section 3. */
export const replace = command<ReplaceArgs, Storing & Hearing>({
  name: 'REPLACE',
  rfc: '8508 3',
  state: 'selected',
  changesSelected: true,
  uid: true,
  takesMessage: true,
  // replace = "REPLACE" SP seq-number SP mailbox append-message. RFC 8508 section 5.
  parse(parser, { uid }) {
    parser.space()
    const number = parser.at('*') ? Infinity : parser.nzNumber('A message number')
    if (number === Infinity) parser.expect('*')
    parser.space()
    const name = parser.mailboxName()
    const message = readAppendedMessage(parser)
    parser.end()
    return { set: [{ from: number, to: number }], uid, name, message }
  },
  async *run(context, { set, uid, name, message }) {
    // Before the new version is put in: the old one would stay beside it.
    const refusal = readOnlyMailbox(context) ?? keepingLogin(context)
    if (refusal !== undefined) return refusal
    const { view, mailstore, signal } = context
    const indexes = view.present(uid ? view.indexesOfUids(set) : view.indexesOfSeqs(set))
    const { keys } = new Places(view.told, indexes)
    if (keys.length === 0)
      return { status: 'NO', code: uid ? 'NONEXISTENT' : 'EXPUNGEISSUED', text: 'There is no such message' }
    const target = await targetOf(context, name)
    if (typeof target === 'object') return target
    const mails = await completeMail(context, [message])
    if ('status' in mails) return mails
    const code = appendUid(await mailstore.append(target, mails, signal))
    // "MUST generate the APPENDUID before the EXPUNGE". RFC 8508 section 3.4.
    yield `* OK [${code}] The new version\r\n`
    await mailstore.expunge(view.told.mailbox, keys, signal)
    return yield* endOfExpunge(context, `${uid ? 'UID ' : ''}REPLACE completed`)
  },
})
