import type { MessageId } from './ids.ts'

/** An address that may stand in From. */
export interface Sender {
  readonly address: string
  readonly displayName: string
  readonly isDefault: boolean
}

/** A message that is to be sent, checked and complete: To, Cc and Bcc name exactly the recipients. */
export interface Submission {
  /** As Gmail is to have it. */
  readonly bytes: Buffer
  /** The canonical form of each recipient (smtp/recipients.ts), sorted. */
  readonly recipients: readonly string[]
  /** With its angle brackets, as the client wrote it; undefined when the client wrote none. */
  readonly messageId: string | undefined
  /** SHA-256 of the octets that the client sent, before anything was added. */
  readonly digest: Buffer
}

/** One person's outgoing mail. Methods throw MailError, and the signal's reason when aborted. */
export interface Outbox {
  /** From Gmail's settings, remembered for a while; the account's own address is always among them. */
  senders(signal: AbortSignal): Promise<readonly Sender[]>
  /**
   * Sends once, and resolves with Gmail's id after its yes. The same submission again (same Message-ID, recipients and
   * octets, within a day) gives the first one's id and sends nothing. When it cannot be known whether Gmail sent it, it
   * throws MailError `unavailable`: the client tries again, and Gmail is looked through before anything is sent.
   * An abort ends the waiting only. MailError `cannot`: Gmail refuses this message; `over-quota`: a sending limit.
   */
  submit(submission: Submission, signal: AbortSignal): Promise<{ readonly messageId: MessageId }>
}
