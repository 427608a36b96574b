import { MailError } from '#mail/errors.ts'
import type { MailErrorCode } from '#mail/errors.ts'
import type { Completion } from './command.ts'
import { ProtocolError } from './parser.ts'

/** RFC 5530 section 3, RFC 9051 section 7.1. */
const codes: Readonly<Record<MailErrorCode, string | undefined>> = {
  unavailable: 'UNAVAILABLE',
  throttled: 'UNAVAILABLE',
  'grant-ended': 'ALERT',
  nonexistent: 'NONEXISTENT',
  'already-exists': 'ALREADYEXISTS',
  cannot: 'CANNOT',
  'not-permitted': 'NOPERM',
  expunged: 'EXPUNGEISSUED',
  // RFC 7889 section 4.
  'too-big': 'TOOBIG',
  limit: 'LIMIT',
  'over-quota': 'OVERQUOTA',
  storage: 'UNAVAILABLE',
}

/** The tagged answer to what a command threw; undefined for what is a bug of ours. */
export function completionOf(error: unknown): Completion | undefined {
  if (error instanceof ProtocolError) {
    const wrong = { status: 'BAD', text: statusText(error.message) } as const
    return error.code === undefined ? wrong : { ...wrong, code: error.code }
  }
  if (!(error instanceof MailError)) return undefined
  const code = codes[error.code]
  const text = statusText(error.message)
  return code === undefined ? { status: 'NO', text } : { status: 'NO', code, text }
}

/** A sequence number where only UIDs count. RFC 9586 section 3. */
export function uidRequired(): ProtocolError {
  return new ProtocolError('Sequence numbers are switched off by UIDONLY', 'UIDREQUIRED')
}

/** What a bug of ours looks like from outside. */
export const serverBug: Completion = {
  status: 'NO',
  code: 'SERVERBUG',
  text: 'Something went wrong in Postern; its log says what',
}

/** Printable ASCII on one line, never empty, and no `[` at its start that could be read as a code. RFC 9051 section 9, text. */
export function statusText(text: string): string {
  const plain = text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .replace(/^\[+/, '')
  return plain.slice(0, 400) || 'No reason is known'
}

/** The tagged line. */
export function taggedLine(tag: string, { status, code, text }: Completion): string {
  return `${tag} ${status} ${code === undefined ? '' : `[${code}] `}${text}\r\n`
}
