import { MailError } from '#mail/errors.ts'
import type { MessageKey } from '#mail/ids.ts'
import type { Mailstore, MessageRecord } from '#mail/mailstore.ts'
import { openForPieces } from './bodies-kept.ts'
import { OpenedMessage } from './opened-message.ts'
import type { Plan } from './plan.ts'

/** A message that was read. */
export interface ReadMessage {
  readonly key: MessageKey
  readonly message: OpenedMessage
  readonly record: MessageRecord | undefined
  /** As `MessageBody.release`. */
  readonly release: (() => void) | undefined
}

/** Records held at once beside the messages they belong to. */
const recordsAhead = 64

/** Whole messages, with their records if the plan wants them; in any order, without those that are gone. */
export async function* readMessages(
  mailstore: Mailstore,
  keys: readonly MessageKey[],
  plan: Plan,
  signal: AbortSignal,
): AsyncGenerator<ReadMessage, void, void> {
  if (!plan.records) {
    for await (const opened of open(mailstore, keys, plan, signal)) yield { ...opened, record: undefined }
    return
  }
  const known = await mailstore.known(keys)
  const indexed = keys.filter((key) => known.has(key))
  for (let at = 0; at < indexed.length; at += recordsAhead) {
    const some = indexed.slice(at, at + recordsAhead)
    const records = new Map<MessageKey, MessageRecord>()
    for await (const batch of mailstore.records(some, 'summary', signal))
      for (const record of batch) records.set(record.key, record)
    for await (const opened of open(mailstore, some, plan, signal)) {
      const record = records.get(opened.key)
      if (record !== undefined) yield { ...opened, record }
    }
  }
  // Newest first: that is what people look at while the rest is still on its way.
  const unread = keys.filter((key) => !known.has(key)).toReversed()
  for await (const opened of open(mailstore, unread, plan, signal))
    for await (const batch of mailstore.records([opened.key], 'summary', signal))
      for (const record of batch) yield { ...opened, record }
}

async function* open(
  mailstore: Mailstore,
  keys: readonly MessageKey[],
  plan: Plan,
  signal: AbortSignal,
): AsyncGenerator<Omit<ReadMessage, 'record'>, void, void> {
  const [only] = keys
  if (only === undefined) return
  if (keys.length > 1 || !plan.pieces) {
    for await (const { key, bytes, release } of mailstore.bodies(keys, signal))
      yield { key, message: new OpenedMessage(bytes), release }
    return
  }
  try {
    yield { key: only, message: await openForPieces(mailstore, only, signal), release: undefined }
  } catch (error) {
    if (!(error instanceof MailError && error.code === 'expunged')) throw error
  }
}
