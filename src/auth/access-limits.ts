import type { Door, Refusal } from '#mail/doorman.ts'
import { permits } from './scopes.ts'

/** What the grant of an account takes away from every login to it. */
export interface AccessLimits {
  /** Why this door is closed. */
  readonly refusal: Refusal | undefined
  /** Why nothing can be changed, in a sentence for the person; undefined when it can. */
  readonly readOnlyBecause: string | undefined
}

const none: AccessLimits = { refusal: undefined, readOnlyBecause: undefined }

/**
 * The front doors fit themselves to what a person granted. `scopes` undefined: it is not known yet, and Gmail itself will
 * refuse. `hint` says where to connect the account again: `open http://…`.
 */
export function accessLimits(scopes: readonly string[] | undefined, door: Door, hint: string): AccessLimits {
  if (scopes === undefined) return none
  const [mayRead, maySend] = [permits(scopes, 'read'), permits(scopes, 'send')]
  const again = `connect it again with more rights: ${hint}`
  const closed = (text: string): AccessLimits => ({
    ...none,
    refusal: { refused: 'door', text, reason: 'access' },
  })
  if (!mayRead && !maySend)
    return closed(`Google has given Postern no right to mail in this account: ${again}`)
  if (door === 'smtp')
    return maySend
      ? none
      : closed(`This account was connected for reading only and cannot send mail. To send, ${again}`)
  if (!mayRead)
    return closed(
      `This account was connected for sending only: there is no mail to read here. To read, ${again}`,
    )
  return permits(scopes, 'modify')
    ? none
    : {
        ...none,
        readOnlyBecause: `This account was connected for reading only. To change mail, ${again}`,
      }
}
