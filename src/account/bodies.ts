import { GmailError } from '#gmail/gmail.ts'
import type { AccountId, MessageKey } from '#mail/ids.ts'
import type { MessageBody } from '#mail/mailstore.ts'
import { workAhead } from './ahead.ts'
import type { MessageCache } from './cache/message-cache.ts'
import { slicesOf } from './present.ts'
import { findRows } from './records.ts'
import type { KnownRow, RecordSources } from './records.ts'

/** Messages read, or waiting to be taken, ahead of the reader; each may be as long as Gmail allows. */
const lookAhead = 8
const keysPerLookup = 500

export interface BodySources extends RecordSources {
  readonly account: AccountId
  readonly cache: Pick<MessageCache, 'get' | 'getMany'>
}

/** Undefined for a message that is gone. */
export async function readBody(
  { account, cache, intake, ghosts }: BodySources,
  { key, messageId, hydrated }: KnownRow,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const bytes = intake.atHand(messageId)?.bytes ?? (await cache.get(account, messageId))
  if (bytes !== undefined) return bytes
  try {
    const fetched = await intake.fetch(messageId, { lane: 'person', cause: 'fetch', signal })
    // Nobody waits for the disk.
    if (hydrated) intake.keepBytes(fetched)
    else intake.keepAside(key, fetched)
    return fetched.bytes
  } catch (error) {
    if (!(error instanceof GmailError) || error.kind !== 'not-found') throw error
    await ghosts.missing(key)
    return undefined
  }
}

/** See `Mailstore.bodies`. What is cached comes first: the others take a call each. */
export async function* readBodies(
  sources: BodySources,
  keys: readonly MessageKey[],
  signal: AbortSignal,
): AsyncGenerator<readonly MessageBody[]> {
  const { account, cache } = sources
  for (const slice of slicesOf(keys, keysPerLookup)) {
    signal.throwIfAborted()
    const wanted = new Map((await findRows(sources, slice)).map((row) => [row.messageId, row]))
    for await (const batch of cache.getMany(account, [...wanted.keys()])) {
      signal.throwIfAborted()
      const found: MessageBody[] = []
      for (const { id, bytes, release } of batch) {
        const row = wanted.get(id)
        if (row !== undefined && wanted.delete(id)) found.push({ key: row.key, bytes, release })
      }
      yield found
    }
    if (wanted.size === 0) continue
    const work = async (row: KnownRow, stop: AbortSignal) => {
      const bytes = await readBody(sources, row, stop)
      return bytes === undefined ? undefined : { key: row.key, bytes }
    }
    for await (const batch of workAhead(wanted.values(), lookAhead, signal, work)) yield batch
  }
}
