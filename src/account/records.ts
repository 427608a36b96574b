import { GmailError } from '#gmail/gmail.ts'
import type { MessageKey } from '#mail/ids.ts'
import type { MessageRecord, RecordDepth } from '#mail/mailstore.ts'
import type { AccountStore, MessageRow } from '#store/store.ts'
import { workAhead } from './ahead.ts'
import type { Ghosts } from './ghosts.ts'
import type { Intake } from './intake.ts'
import { breathe, newestFirst, slicesOf } from './present.ts'

/** Rows read from the store in one go. */
const recordsPerSlice = 200
const keysPerLookup = 500
/** Gets that run, or wait to be taken, ahead of the reader. */
const lookAhead = 16

export interface RecordSources {
  readonly store: AccountStore
  readonly intake: Intake
  readonly ghosts: Ghosts
}

/** See `Mailstore.records`. */
export async function* readRecords(
  sources: RecordSources,
  keys: readonly MessageKey[],
  depth: RecordDepth,
  signal: AbortSignal,
): AsyncGenerator<readonly MessageRecord[]> {
  const { store } = sources
  const header = depth === 'header'
  const unread: MessageKey[] = []
  for (const slice of slicesOf(keys, recordsPerSlice)) {
    signal.throwIfAborted()
    const found = await store.content(slice, { header })
    if (found.length < slice.length) {
      const read = new Set(found.map(({ key }) => key))
      unread.push(...slice.filter((key) => !read.has(key)))
    }
    if (found.length > 0) yield found
    else await breathe()
  }
  if (unread.length === 0) return
  const rows = await rowsOf(store, unread)
  rows.sort(newestFirst)
  yield* workAhead(rows, lookAhead, signal, (row, stop) => readOne(sources, row, header, stop))
}

/** Rows of those that exist. */
export async function rowsOf(store: AccountStore, keys: readonly MessageKey[]): Promise<MessageRow[]> {
  const rows: MessageRow[] = []
  for (const slice of slicesOf(keys, keysPerLookup)) rows.push(...(await store.messagesByKey(slice)).values())
  return rows
}

/** Undefined for a message that is gone. */
async function readOne(
  { store, intake, ghosts }: RecordSources,
  { key, messageId, threadId }: MessageRow,
  header: boolean,
  signal: AbortSignal,
): Promise<MessageRecord | undefined> {
  // Somebody may have read it while others were being waited for.
  if (intake.atHand(messageId) === undefined) {
    const [stored] = await store.content([key], { header })
    if (stored !== undefined) return stored
  }
  try {
    const fetched = await intake.fetch(messageId, { lane: 'person', cause: 'fetch', signal })
    intake.keepAside(key, fetched)
    const { internalDate, summary } = fetched
    return { key, messageId, threadId, internalDate, summary, header: header ? fetched.header : undefined }
  } catch (error) {
    if (!(error instanceof GmailError) || error.kind !== 'not-found') throw error
    await ghosts.missing(key)
    return undefined
  }
}
