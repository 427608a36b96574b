import type { MessageId } from '#mail/ids.ts'

/** A client's own copy of a message, put into Sent at Gmail. Only hashes and ids, no content. */
export interface SentCopyRow {
  /** Gmail's id of the copy. */
  readonly messageId: MessageId
  /** SHA-256 of its Message-ID; undefined when it has none. */
  readonly messageIdHash: Buffer | undefined
  /** SHA-256 of what stays of a message when Gmail sends it, as in SendRow. */
  readonly likeness: Buffer
  /** SHA-256 of the flags that only Postern keeps, as they were then. */
  readonly flags: Buffer
  /** When it was put in, epoch milliseconds. */
  readonly at: number
}

/** A copy whose message was sent, so that Gmail filed one of its own. */
export interface SupersededCopy extends SentCopyRow {
  /** Gmail's id of its own copy. */
  readonly sentAs: MessageId
}

/** The copies that clients of one account put into Sent by themselves. Methods throw StoreError. */
export interface SentCopyStore {
  /** Lost at most by a power cut. */
  note(row: SentCopyRow): Promise<void>
  /**
   * Copies that are not settled and of which a `sent` row has Message-ID and likeness, put in at most so long before it
   * was sent.
   */
  superseded(withinMs: number): Promise<readonly SupersededCopy[]>
  /** It is gone, or to stay. Its row stays too, so that it is never taken for what was sent. */
  settle(id: MessageId): Promise<void>
}
