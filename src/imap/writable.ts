import type { Rights } from '#mail/doorman.ts'
import type { MailboxId } from '#mail/ids.ts'
import { delimiter } from '#mail/mailbox.ts'
import { mayNotDelete } from '#mail/no-delete.ts'
import { speaksUtf8, type Authenticated, type Completion } from './command.ts'
import { findMailbox, readMailboxName } from './mailbox-name.ts'
import type { View } from './view.ts'

/** What a login that may only read is told when it wants to change something; undefined for any other. */
export function readOnlyLogin({ rights }: { readonly rights: Rights }): Completion | undefined {
  if (!rights.readOnly) return undefined
  return { status: 'NO', code: 'NOPERM', text: rights.readOnlyBecause ?? 'This login may only read' }
}

/** What a login under which nothing may vanish is told; undefined for any other. */
export function keepingLogin({ rights }: { readonly rights: Rights }): Completion | undefined {
  return rights.noDelete === true ? { status: 'NO', code: 'NOPERM', text: mayNotDelete } : undefined
}

/** Why the selected mailbox cannot be changed; undefined when it can. */
export function readOnlyMailbox(context: {
  readonly rights: Rights
  readonly view: View
}): Completion | undefined {
  const refusal = readOnlyLogin(context)
  if (refusal !== undefined || !context.view.readOnly) return refusal
  return { status: 'NO', code: 'READ-ONLY', text: 'The mailbox is open for reading only' }
}

/** "It is a hint to the client that it can attempt a CREATE". RFC 9051 section 7.1. */
const tryCreate: Completion = {
  status: 'NO',
  code: 'TRYCREATE',
  text: 'There is no such mailbox',
}

/** A level above mailboxes of Gmail's own: there is nothing to create. RFC 5530 section 3, CANNOT. */
const onlyALevel: Completion = {
  status: 'NO',
  code: 'CANNOT',
  text: 'This name only has mailboxes below it',
}

/**
 * Where messages are to go, or why they cannot. A level above a person's own labels can be made a label itself; one above
 * Gmail's cannot. Throws MailError.
 */
export async function targetOf(
  { mailstore, rights, enabled, signal }: Authenticated,
  octets: Buffer,
): Promise<MailboxId | Completion> {
  const name = readMailboxName(octets, speaksUtf8(enabled))
  const mailbox = await findMailbox(mailstore, name, signal, rights)
  if (mailbox === undefined) return tryCreate
  if (mailbox.id !== undefined && mailbox.selectable) return mailbox.id
  const below = mailbox.name + delimiter
  const mailboxes = await mailstore.mailboxes(signal)
  return mailboxes.some((one) => one.role !== undefined && one.name.startsWith(below))
    ? onlyALevel
    : tryCreate
}

/** A login that may see some mailboxes only makes no others. */
export const notYours: Completion = {
  status: 'NO',
  code: 'NOPERM',
  text: 'This login may not use this mailbox name',
}
