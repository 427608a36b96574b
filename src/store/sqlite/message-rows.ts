import type { MessageId, ModSeq, ThreadId } from '#mail/ids.ts'
import type { MessageRow } from '../store.ts'
import type { AccountPart } from './account-part.ts'

/** The columns of a MessageRow, of a table named `m` and its `flagsOfM`. */
export const messageColumns = 'm.m, m.message_id, m.thread_id, f.bits, f.keywords, f.mod_seq, m.hydrated'

/** Comes after a table named `m`. */
export const flagsOfM = 'cross join flags f on f.m = m.m'

export type MessageColumns = [
  m: number,
  messageId: MessageId,
  threadId: ThreadId,
  bits: number,
  keywords: number,
  modSeq: ModSeq,
  hydrated: number,
]

export function messageRow(part: AccountPart, columns: MessageColumns): MessageRow {
  const [m, messageId, threadId, bits, keywords, modSeq, hydrated] = columns
  return {
    key: part.key(m),
    messageId,
    threadId,
    bits,
    keywords: part.keywords.words(keywords),
    modSeq,
    hydrated: hydrated === 1,
  }
}
