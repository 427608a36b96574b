import type { GmailError } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import { labelLimit } from '#mail/mailbox.ts'

/** Why Gmail does not make a label, by its answer and the number of labels there are; undefined for what is no refusal. */
export function labelRefusal(error: GmailError, labels: number): MailError | undefined {
  if (error.kind === 'conflict') return alreadyExists(error)
  if (error.kind !== 'invalid') return undefined
  // It says 400 for a name that it does not take, too.
  return labels >= labelLimit
    ? new MailError('over-quota', 'Gmail has no room for more labels than this account has', { cause: error })
    : new MailError('cannot', 'Gmail does not take this name for a label', { cause: error })
}

/** There is such a label. */
export function alreadyExists(cause?: unknown): MailError {
  return new MailError('already-exists', 'There is a mailbox of this name already', { cause })
}
