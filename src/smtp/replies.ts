import type { Refusal } from '#mail/doorman.ts'
import { MailError } from '#mail/errors.ts'
import type { MailErrorCode } from '#mail/errors.ts'
import { SubmissionRefusal } from './refusal.ts'
import type { Reply } from './refusal.ts'

/** Permanent is only what surely was not sent and never will be: after a 5xx people press send again. */
const codes: Record<MailErrorCode, { readonly code: number; readonly enhanced: string }> = {
  unavailable: { code: 451, enhanced: '4.3.0' },
  throttled: { code: 451, enhanced: '4.3.2' },
  'over-quota': { code: 452, enhanced: '4.4.5' },
  'grant-ended': { code: 454, enhanced: '4.7.0' },
  'not-permitted': { code: 550, enhanced: '5.7.1' },
  cannot: { code: 550, enhanced: '5.7.1' },
  'too-big': { code: 552, enhanced: '5.3.4' },
  limit: { code: 452, enhanced: '4.5.3' },
  storage: { code: 452, enhanced: '4.3.1' },
  nonexistent: { code: 451, enhanced: '4.3.0' },
  'already-exists': { code: 451, enhanced: '4.3.0' },
  expunged: { code: 451, enhanced: '4.3.0' },
}

/** The reply for whatever a submission ended in. Undefined for a bug of ours, which is 451 and goes to the log. */
export function replyTo(error: unknown): Reply | undefined {
  if (error instanceof SubmissionRefusal) return error
  if (error instanceof MailError) return { ...codes[error.code], text: error.message }
  return undefined
}

export const bug: Reply = {
  code: 451,
  enhanced: '4.3.0',
  text: 'Something went wrong here, please try again',
}
export const closing: Reply = {
  code: 451,
  enhanced: '4.3.2',
  text: 'Postern is being closed, please try again',
}

/** RFC 4954 section 6. */
export function loginReply({ refused, text }: Refusal): Reply {
  return refused === 'unavailable' || refused === 'crowded'
    ? { code: 454, enhanced: '4.7.0', text }
    : { code: 535, enhanced: '5.7.8', text }
}
