import type { Rights } from '#mail/doorman.ts'
import { mayNotDelete } from '#mail/no-delete.ts'
import type { Completion } from './command.ts'
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
export const tryCreate: Completion = {
  status: 'NO',
  code: 'TRYCREATE',
  text: 'There is no such mailbox',
}

/** A login that may see some mailboxes only makes no others. */
export const notYours: Completion = {
  status: 'NO',
  code: 'NOPERM',
  text: 'This login may not use this mailbox name',
}
