import type { MessageId } from '#mail/ids.ts'
import type { SentCopyStore } from './sent-copies.ts'

/**
 * `accepted`: nothing was asked of Gmail; `sending`: Gmail was asked, no answer yet; `sent`, `failed`: its answer;
 * `unknown`: the answer was lost. facts: reliability section 4.
 */
export type SendState = 'accepted' | 'sending' | 'sent' | 'failed' | 'unknown'

/** One submission. Only hashes and ids, no content. */
export interface SendRow {
  /** SHA-256 of what makes two submissions the same. */
  readonly key: Buffer
  /** SHA-256 of the client's own Message-ID; undefined when it had none. */
  readonly messageIdHash: Buffer | undefined
  /** SHA-256 of what stays of a message when Gmail sends it; undefined in rows of an older Postern. */
  readonly likeness: Buffer | undefined
  readonly state: SendState
  /** Of the last change, epoch milliseconds. */
  readonly at: number
  /** Gmail's history before the first attempt: what was sent entered SENT after it. */
  readonly historyId: bigint | undefined
  /** Gmail's id; of `sent` rows only. */
  readonly messageId: MessageId | undefined
}

/** The ledger of what one account has sent. Methods throw StoreError. */
export interface SendStore {
  readonly copies: SentCopyStore
  find(key: Buffer): Promise<SendRow | undefined>
  /** Replaces the row of this key. On the disk for good when it resolves, but for `accepted` rows, which may be lost. */
  put(row: SendRow): Promise<void>
  /** The last `sent` row of this Message-ID. */
  lastSent(messageIdHash: Buffer): Promise<SendRow | undefined>
  /** Which of these messages some row already stands for, or are a client's own copies. */
  claimed(ids: readonly MessageId[]): Promise<ReadonlySet<MessageId>>
  /** How many other submissions are `sending` or `unknown`. */
  unsettled(except: Buffer): Promise<number>
  /** Makes every `sending` row `unknown`: those who would have heard the answer are gone. Tells how many. */
  interrupted(): Promise<number>
  /** Removes rows that changed before this moment, and copies put in before it; epoch milliseconds. */
  forget(before: number): Promise<void>
}
