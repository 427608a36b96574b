import { GmailError } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import type { MailErrorCode } from '#mail/errors.ts'
import { StoreError } from '#store/store.ts'

const codes: Readonly<Record<string, MailErrorCode>> = {
  'not-found': 'expunged',
  forbidden: 'not-permitted',
  invalid: 'cannot',
  conflict: 'already-exists',
  throttled: 'throttled',
  unavailable: 'unavailable',
}

/** What the front doors are told. Anything that is neither Gmail's no nor the store's stays as it is: a bug, or an abort. */
export function mailError(error: unknown): unknown {
  if (error instanceof GmailError)
    return new MailError(codes[error.kind] ?? 'unavailable', error.message, { cause: error })
  if (error instanceof StoreError) return new MailError('storage', storageText(error), { cause: error })
  return error
}

/** The path and what to do are for the operator: the log has them. */
function storageText({ kind }: StoreError): string {
  if (kind === 'unreachable') return 'The database of Postern cannot be reached. Try again soon'
  return kind === 'disk'
    ? 'The disk of Postern is full or cannot be written. Try again when there is room'
    : 'The mail store of Postern has a fault'
}
