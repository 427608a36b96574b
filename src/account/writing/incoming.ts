import type { StoredMessage } from '#gmail/gmail.ts'
import type { MessageId } from '#mail/ids.ts'
import { canonicalLineEnds } from '#mail/mime/line-ends.ts'
import { summarise } from '#mail/mime/summarise.ts'
import type { MessageSummary } from '#mail/mime/summary.ts'
import type { NewMail } from '#mail/writing.ts'

/** A message on its way in. */
export interface Incoming {
  readonly mail: NewMail
  /** With CRLF: as Gmail gets it and as clients shall have it. */
  readonly bytes: Buffer
  readonly summary: MessageSummary
  readonly header: Buffer
  /** What Postern itself sent and Gmail filed: there is nothing to put in. */
  readonly sentCopy: MessageId | undefined
}

/** A message that Gmail has taken in; `draftId` when it is the text of a draft. */
export interface TakenIn {
  readonly incoming: Incoming
  readonly stored: StoredMessage
  readonly draftId: string | undefined
}

export function readIncoming(mail: NewMail): Omit<Incoming, 'sentCopy'> {
  const bytes = canonicalLineEnds(mail.bytes)
  return { mail, bytes, ...summarise(bytes) }
}
