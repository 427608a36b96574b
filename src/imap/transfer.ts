import type { MailboxId, MessageKey } from '#mail/ids.ts'
import type { NumberSet } from '#mail/number-set.ts'
import type { Completion } from './command.ts'
import type { Parser } from './parser.ts'
import { Places } from './places.ts'
import type { Storing } from './session-context.ts'
import { targetOf } from './writable.ts'

/** The arguments of COPY and MOVE. */
export interface TransferArgs {
  readonly set: NumberSet
  readonly uid: boolean
  readonly target: Buffer
}

/** SP sequence-set SP mailbox. Throws ProtocolError. */
export function readTransferArguments(parser: Parser, { uid }: { readonly uid: boolean }): TransferArgs {
  parser.space()
  const set = parser.numberSet()
  parser.space()
  const target = parser.mailboxName()
  parser.end()
  return { set, uid, target }
}

/** Which messages go where, or why none can. */
export type Errand =
  | { readonly keys: readonly MessageKey[]; readonly target: MailboxId }
  | { readonly refusal: Completion }

/** Looks up the messages that are still there, and the target. */
export async function errandOf(context: Storing, { set, uid, target }: TransferArgs): Promise<Errand> {
  const { view } = context
  const named = uid ? view.indexesOfUids(set) : view.indexesOfSeqs(set)
  const found = await targetOf(context, target)
  if (typeof found === 'object') return { refusal: found }
  const indexes = view.present(named)
  if (named.length > 0 && indexes.length === 0 && !uid) return { refusal: allGone }
  return { keys: new Places(view.told, indexes).keys, target: found }
}

/** RFC 5530 section 3. UIDs that are gone are passed over in silence instead. */
const allGone: Completion = {
  status: 'NO',
  code: 'EXPUNGEISSUED',
  text: 'These messages no longer exist',
}
