import { GmailError } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'

/** What came of an attempt to send that gave no answer of Gmail's yes. */
export type Outcome =
  /** Nothing was sent, for this reason. */
  | { readonly kind: 'not-sent'; readonly error: MailError }
  /** Gmail may have sent it. */
  | { readonly kind: 'unknown'; readonly cause: unknown }

/** Whatever is not known to be a no is unknown. */
export function outcomeOf(thrown: unknown): Outcome {
  if (thrown instanceof MailError) return { kind: 'not-sent', error: thrown }
  if (thrown instanceof GmailError && !thrown.maybeDone)
    return { kind: 'not-sent', error: mailErrorOf(thrown) }
  return { kind: 'unknown', cause: thrown }
}

/** Gmail's refusal in words for the person; Google's own text stays in the log. */
export function mailErrorOf(error: GmailError): MailError {
  const detail = (error.detail ?? '').toLowerCase()
  const because = { cause: error }
  switch (error.kind) {
    case 'throttled':
      // "User-rate limit exceeded.  Retry after … (Mail sending)". Fact sheet section 1.4.
      return detail.includes('mail sending') || error.reason === 'dailyLimitExceeded'
        ? new MailError(
            'over-quota',
            `Gmail's sending limit is reached (a day: 500 messages, with Workspace 2000)${until(error.retryAfterMs)}`,
            because,
          )
        : new MailError(
            'throttled',
            'Gmail takes no more requests for now, try again in some minutes',
            because,
          )
    case 'unavailable':
      return new MailError('unavailable', 'Gmail cannot be reached, the message was not sent', because)
    case 'forbidden':
      return new MailError(
        'not-permitted',
        'This account is connected without the right to send, or its domain does not permit it',
        because,
      )
    case 'invalid':
      return error.status === 413 || detail.includes('too large') || detail.includes('exceeds the limit')
        ? new MailError('too-big', 'The message is larger than Gmail takes', because)
        : new MailError('cannot', refusalText(detail), because)
    case 'not-found':
    case 'history-expired':
    case 'conflict':
      return new MailError('cannot', 'Gmail refuses this message', because)
  }
}

/** What Gmail is known to say. Fact sheet section 1.4. */
const known: readonly (readonly [word: string, text: string])[] = [
  ['recipient address required', 'Gmail finds no recipient in this message'],
  ['too many recipients', 'Gmail finds too many recipients in this message'],
  ['invalid to header', 'Gmail cannot read the addresses in To'],
  ['invalid cc header', 'Gmail cannot read the addresses in Cc'],
  ['invalid bcc header', 'Gmail cannot read the addresses in Bcc'],
  ['mail service not enabled', 'Gmail is not switched on for this account'],
  ['blocked', 'Gmail refuses this message for its content: attachments that it blocks, or its policy'],
]

function refusalText(detail: string): string {
  return known.find(([word]) => detail.includes(word))?.[1] ?? 'Gmail refuses this message by its policy'
}

function until(retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined) return '. Try again tomorrow'
  const minutes = Math.ceil(retryAfterMs / 60_000)
  return minutes <= 120
    ? `. Try again in ${minutes} minutes`
    : `. Try again in ${Math.ceil(minutes / 60)} hours`
}
