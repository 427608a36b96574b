import { invalidArgument, notFound } from '../errors.ts'
import { historyKinds, type Mailbox } from '../mailbox/mailbox.ts'
import { shownLabels, type World } from '../world.ts'
import { method } from './method.ts'
import { invalidValue } from './parameters.ts'
import { scopes } from './scopes.ts'

interface HistoryRow {
  id: number
  kind: number
  message: string
  thread: string
  /** Label ids with a space between. */
  changed: string
  labels: string
}

const pageSize = 100
const pageLimit = 500
/** Records looked at for one page: a filter that fits few gets short pages and a nextPageToken. */
const scanLimit = 20_000
const scanStep = 1000
const greatestHistoryId = 2n ** 64n - 1n

const list = method({
  name: 'history.list',
  http: 'GET',
  path: 'history',
  scopes: scopes.readMetadata,
  units: 2,
  parameters: ['startHistoryId', 'labelId', 'historyTypes', 'maxResults', 'pageToken'],
  run({ mailbox, query, world }) {
    forgetOldHistory(mailbox, world)
    const start = query.text('startHistoryId')
    if (start === undefined) throw invalidArgument('Missing required parameter: startHistoryId')
    const from = readStart(mailbox, start)
    const limit = query.count('maxResults', pageSize, pageLimit)
    const token = query.text('pageToken')
    const after = token === undefined ? from : readToken(token, from)
    const kinds = readKinds(query.list('historyTypes'))
    const labelId = query.text('labelId')
    if (world.quirks.emptyHistoryPages && token === undefined)
      return { nextPageToken: writeToken(from), historyId: String(mailbox.historyId) }
    const { rows, next } = scan(mailbox, after, limit, (row) => fits(row, kinds, labelId))
    return {
      ...(rows.length > 0 ? { history: rows.map((row) => describe(world, row)) } : {}),
      ...(next === undefined ? {} : { nextPageToken: writeToken(next) }),
      historyId: String(mailbox.historyId),
    }
  },
})

/** Too old and from the future are the same 404 (see choices). */
function readStart(mailbox: Mailbox, text: string): number {
  if (!/^\d{1,20}$/.test(text) || BigInt(text) > greatestHistoryId)
    throw invalidValue('start_history_id', 'TYPE_UINT64', text)
  const start = Number(text)
  if (start < mailbox.historyFloor || start > mailbox.historyId) throw notFound()
  return start
}

/** Where the pages before ended, as digits that look like a token. */
function writeToken(after: number): string {
  return `0${String(after).padStart(19, '0')}`
}

function readToken(token: string, from: number): number {
  if (!/^0\d{19}$/.test(token)) throw invalidArgument('Invalid pageToken')
  return Math.max(from, Number(token))
}

function readKinds(names: readonly string[]): Set<number> | undefined {
  if (names.length === 0) return undefined
  return new Set(
    names.map((name) => {
      const kind = historyKinds.findIndex((known) => known.toLowerCase() === name.toLowerCase())
      if (kind < 0) throw invalidValue('history_types', 'ENUM', name)
      return kind
    }),
  )
}

function scan(
  mailbox: Mailbox,
  start: number,
  limit: number,
  wanted: (row: HistoryRow) => boolean,
): { rows: HistoryRow[]; next: number | undefined } {
  const rows: HistoryRow[] = []
  let after = start
  for (let scanned = 0; scanned < scanLimit; scanned += scanStep) {
    const step = mailbox.db.all<HistoryRow>(
      'select id, kind, message, thread, changed, labels from history where id > ? order by id limit ?',
      after,
      scanStep,
    )
    for (const row of step) {
      if (wanted(row)) {
        if (rows.length === limit) return { rows, next: after }
        rows.push(row)
      }
      after = row.id
    }
    if (step.length < scanStep) return { rows, next: undefined }
  }
  return { rows, next: after }
}

function fits(row: HistoryRow, kinds: Set<number> | undefined, labelId: string | undefined): boolean {
  if (kinds && !kinds.has(row.kind)) return false
  if (labelId === undefined) return true
  return split(row.labels).includes(labelId) || split(row.changed).includes(labelId)
}

function split(ids: string): string[] {
  return ids === '' ? [] : ids.split(' ')
}

function describe(world: World, row: HistoryRow): object {
  const bare = { id: row.message, threadId: row.thread }
  const labelIds = shownLabels(world, split(row.labels))
  const message = world.quirks.historyWithoutLabels || labelIds.length === 0 ? bare : { ...bare, labelIds }
  const changed = { message, labelIds: split(row.changed) }
  const specific = [
    { messagesAdded: [{ message }] },
    { messagesDeleted: [{ message }] },
    { labelsAdded: [changed] },
    { labelsRemoved: [changed] },
  ][row.kind]
  return { id: String(row.id), messages: [bare], ...specific }
}

/** Quirk 3. */
function forgetOldHistory(mailbox: Mailbox, { quirks, clock }: World): void {
  if (quirks.historyRetentionMs <= 0) return
  const limit = clock.now() - quirks.historyRetentionMs
  const upTo = mailbox.db.count('select coalesce(max(id), 0) c from history where at < ?', limit)
  if (upTo > 0) mailbox.expireHistory(upTo)
}

export const historyMethods = [list]
