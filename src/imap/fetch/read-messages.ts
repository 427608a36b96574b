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

/** Whole messages in batches, with their records if the plan wants them; in any order, without those that are gone. */
export async function* readMessages(
  mailstore: Mailstore,
  keys: readonly MessageKey[],
  plan: Plan,
  signal: AbortSignal,
): AsyncGenerator<readonly ReadMessage[], void, void> {
  if (!plan.records) {
    yield* open(mailstore, keys, plan, signal)
    return
  }
  const known = await mailstore.known(keys)
  const indexed = keys.filter((key) => known.has(key))
  for (let at = 0; at < indexed.length; at += recordsAhead) {
    const some = indexed.slice(at, at + recordsAhead)
    const records = new Map<MessageKey, MessageRecord>()
    for await (const batch of mailstore.records(some, 'summary', signal))
      for (const record of batch) records.set(record.key, record)
    for await (const batch of open(mailstore, some, plan, signal))
      yield batch.flatMap((opened) => {
        const record = records.get(opened.key)
        return record === undefined ? [] : [{ ...opened, record }]
      })
  }
  // Newest first: that is what people look at while the rest is still on its way.
  const unread = keys.filter((key) => !known.has(key)).toReversed()
  for await (const messages of open(mailstore, unread, plan, signal))
    for (const opened of messages)
      for await (const batch of mailstore.records([opened.key], 'summary', signal))
        yield batch.map((record) => ({ ...opened, record }))
}

async function* open(
  mailstore: Mailstore,
  keys: readonly MessageKey[],
  plan: Plan,
  signal: AbortSignal,
): AsyncGenerator<readonly ReadMessage[], void, void> {
  const [only] = keys
  if (only === undefined) return
  if (keys.length > 1 || !plan.pieces) {
    for await (const batch of mailstore.bodies(keys, signal))
      yield batch.map(({ key, bytes, release }) => ({
        key,
        message: new OpenedMessage(bytes),
        record: undefined,
        release,
      }))
    return
  }
  try {
    const message = await openForPieces(mailstore, only, signal)
    yield [{ key: only, message, record: undefined, release: undefined }]
  } catch (error) {
    if (!(error instanceof MailError && error.code === 'expunged')) throw error
  }
}
