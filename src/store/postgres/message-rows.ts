import type { MessageId, ModSeq, ThreadId } from '#mail/ids.ts'
import type { MessageRow } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import type { Value } from './session.ts'

/** The columns of a MessageRow, of a table named `m`. */
export const messageColumns = 'm.m, m.message_id, m.thread_id, m.bits, m.keywords, m.mod_seq, m.hydrated'

export type MessageColumns = [
  m: number,
  messageId: MessageId,
  threadId: ThreadId,
  bits: number,
  keywords: number,
  modSeq: ModSeq,
  hydrated: boolean,
]

/** Messages of a statement that reads `messageColumns`, in its turn. */
export function readMessages(part: AccountPart, sql: string, ...values: Value[]): Promise<MessageRow[]> {
  return part.turns.read(async () => rowsOf(part, await part.db.all<MessageColumns>(sql, ...values)))
}

/** Messages that were read in several turns. */
export function messageRows(part: AccountPart, columns: readonly MessageColumns[]): Promise<MessageRow[]> {
  return part.turns.read(() => rowsOf(part, columns))
}

async function rowsOf(part: AccountPart, columns: readonly MessageColumns[]): Promise<MessageRow[]> {
  await part.keywords.load()
  return columns.map(([m, messageId, threadId, bits, keywords, modSeq, hydrated]) => ({
    key: part.key(m),
    messageId,
    threadId,
    bits,
    keywords: part.keywords.words(keywords),
    modSeq,
    hydrated,
  }))
}
