import type { Refusal } from '#mail/doorman.ts'
import { MailError } from '#mail/errors.ts'
import type { MailErrorCode } from '#mail/errors.ts'
import { ProtocolError } from './arguments.ts'

/**
 * Which refusals carry which code: RFC 3206. AUTH makes clients ask for the password again, so it stands only where
 * another password helps; SYS/PERM asks for a person, SYS/TEMP to come back later.
 */
const mailCodes: Readonly<Record<MailErrorCode, string | undefined>> = {
  unavailable: 'SYS/TEMP',
  throttled: 'SYS/TEMP',
  'grant-ended': 'SYS/PERM',
  nonexistent: 'SYS/PERM',
  'already-exists': 'SYS/PERM',
  cannot: 'SYS/PERM',
  'not-permitted': 'SYS/PERM',
  // The next session does not list it any more.
  expunged: undefined,
  'too-big': 'SYS/PERM',
  limit: 'SYS/PERM',
  'over-quota': 'SYS/TEMP',
  storage: 'SYS/TEMP',
}

const loginCodes: Readonly<Record<Refusal['refused'], string>> = {
  credentials: 'AUTH',
  door: 'AUTH',
  expired: 'AUTH',
  'grant-ended': 'SYS/PERM',
  unavailable: 'SYS/TEMP',
  crowded: 'SYS/TEMP',
}

/** A negative answer. */
export function refusal(text: string, code?: string): string {
  return `-ERR ${code === undefined ? '' : `[${code}] `}${statusText(text)}\r\n`
}

export function loginRefusal({ refused, text }: Refusal): string {
  return refusal(text, loginCodes[refused])
}

/** The answer to what a command threw; undefined for what is a bug of ours. */
export function refusalOf(error: unknown): string | undefined {
  if (error instanceof ProtocolError) return refusal(error.message)
  if (error instanceof MailError) return refusal(error.message, mailCodes[error.code])
  return undefined
}

/** What a bug of ours looks like from outside. */
export const serverBug = refusal('Something went wrong in Postern; its log says what', 'SYS/TEMP')

/** Where no password may cross. */
export const privacyRequired = refusal('Logins need TLS here: use STLS or the TLS port', 'SYS/PERM')

/** Printable ASCII on one line, short enough for RFC 2449 section 4, no `[` at its start that could be read as a code. */
function statusText(text: string): string {
  const plain = text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .replace(/^\[+/, '')
  return plain.slice(0, 480) || 'No reason is known'
}
