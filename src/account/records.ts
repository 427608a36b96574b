import { GmailError } from '#gmail/gmail.ts'
import type { MessageKey } from '#mail/ids.ts'
import type { MessageRecord, RecordDepth } from '#mail/mailstore.ts'
import { commonFields } from '#mail/mime/common-fields.ts'
import type { AccountStore, MessageRow, StoredContent } from '#store/store.ts'
import { workAhead } from './ahead.ts'
import type { AccountRecords } from './cache/record-memory.ts'
import type { Ghosts } from './ghosts.ts'
import type { Intake } from './intake.ts'
import { breathe, newestFirst, slicesOf } from './present.ts'

/** Rows read from the store in one go. */
const recordsPerSlice = 200
const keysPerLookup = 500
/** Whoever asks for so few of them reads, and soon wants more of the same. */
const fewKeys = 16
/** Gets that run, or wait to be taken, ahead of the reader. */
const lookAhead = 16

export interface RecordSources {
  readonly store: AccountStore
  readonly records: AccountRecords
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
  const unread: MessageKey[] = []
  for (const slice of slicesOf(keys, recordsPerSlice)) {
    signal.throwIfAborted()
    const found = await indexedRecords(sources, slice, depth)
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
  yield* workAhead(rows, lookAhead, signal, (row, stop) => readOne(sources, row, depth !== 'summary', stop))
}

/** Records of what is read already, in the order of the keys: from memory, else from the store. */
async function indexedRecords(
  { store, records }: RecordSources,
  keys: readonly MessageKey[],
  depth: RecordDepth,
): Promise<readonly MessageRecord[]> {
  if (depth === 'header') return await store.content(keys, { header: true })
  const fields = depth === 'fields'
  const found: MessageRecord[] = []
  const missing: MessageKey[] = []
  for (const key of keys) {
    const record = records.get(key)
    if (record === undefined || (fields && record.header === undefined)) missing.push(key)
    else found.push(record)
  }
  if (missing.length === 0) return found
  const { drops } = records
  const stored = await store.content(missing, { header: fields })
  const read: MessageRecord[] = []
  for (const content of stored) {
    const common = content.header === undefined ? undefined : commonFields(content.header)
    const record = recordOf(content, common ?? content.header)
    read.push(record)
    if (drops === records.drops && record.header === common) records.remember(record)
  }
  if (found.length === 0) return read
  const byKey = new Map([...found, ...read].map((record) => [record.key, record]))
  return keys.flatMap((key) => byKey.get(key) ?? [])
}

function recordOf(
  { key, messageId, threadId, internalDate, summary }: StoredContent,
  header: Buffer | undefined,
): MessageRecord {
  return { key, messageId, threadId, internalDate, summary, header }
}

/** Rows of those that exist. */
export async function rowsOf(store: AccountStore, keys: readonly MessageKey[]): Promise<MessageRow[]> {
  const rows: MessageRow[] = []
  for (const slice of slicesOf(keys, keysPerLookup)) rows.push(...(await store.messagesByKey(slice)).values())
  return rows
}

/** What reading a message needs of its row. */
export type KnownRow = Pick<MessageRow, 'key' | 'messageId' | 'threadId' | 'hydrated'>

/** As `rowsOf`, but what is in memory costs no look into the store. In the order of the keys. */
export async function findRows(
  { store, records }: Pick<RecordSources, 'store' | 'records'>,
  keys: readonly MessageKey[],
): Promise<KnownRow[]> {
  const rows: (KnownRow | undefined)[] = []
  const missing: MessageKey[] = []
  for (const key of keys) {
    const known = records.get(key) ?? records.identity(key)
    if (known === undefined) missing.push(key)
    const { messageId, threadId } = known ?? {}
    rows.push(
      messageId === undefined || threadId === undefined
        ? undefined
        : { key, messageId, threadId, hydrated: true },
    )
  }
  if (missing.length === 0) return rows as KnownRow[]
  const { drops } = records
  const found = new Map((await rowsOf(store, missing)).map((row) => [row.key, row]))
  if (missing.length <= fewKeys && drops === records.drops)
    for (const row of found.values()) if (row.hydrated) records.identify(row.key, row)
  return keys.flatMap((key, i) => rows[i] ?? found.get(key) ?? [])
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
