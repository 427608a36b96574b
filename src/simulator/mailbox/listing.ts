import { invalidArgument } from '../errors.ts'
import type { CompiledQuery } from '../search/condition.ts'
import type { LabelRow } from './labels.ts'
import type { Mailbox, MessageRow } from './mailbox.ts'

/** Where a page ends: lists go from the newest date to the oldest. */
export interface Cursor {
  date: number
  n: number
  /** How many entries the pages before had. */
  seen: number
}

export interface ListRequest {
  /** All of them must be on the message. */
  labels: readonly LabelRow[]
  /** Compiled for the alias `m`. */
  query: CompiledQuery | undefined
  includeHidden: boolean
  from: Cursor | undefined
  limit: number
  /** Messages that came later than this are not found yet (quirk 13). Epoch milliseconds. */
  addedBefore: number | undefined
  /** One message of each thread, the newest that fits. */
  threads?: { query: CompiledQuery | undefined }
}

const latest: Cursor = { date: 2 ** 52, n: 2 ** 52, seen: 0 }
const dateShift = 2 ** 52
/** Rows of a label that are counted to find the rarest. */
const countLimit = 20_000

/** Newest first. Steps from the cursor along an index: pages of big mailboxes are quick. */
export function listMessages(mailbox: Mailbox, request: ListRequest): MessageRow[] {
  const { date, n } = request.from ?? latest
  const labels = rarestFirst(mailbox, request.labels)
  const [first] = labels
  const values: (string | number)[] = []
  const place = first ? 'x' : 'm'
  let sql = 'select m.* from '
  if (first) {
    sql += 'message_label x cross join message m on m.n = x.n where x.l = ? and '
    values.push(first.l)
  } else sql += 'message m where '
  const filter = filterOf('m', first ? labels.slice(1) : [], request, request.query)
  // A plus sign keeps the order from choosing the index where the condition finds the few rows itself.
  const plus = request.query?.narrow === true && !first ? '+' : ''
  sql += `(${plus}${place}.date, ${place}.n) < (?, ?) and ${filter.sql}`
  values.push(date, n, ...filter.values)
  if (request.threads) {
    const newer = filterOf('t', labels, request, request.threads.query)
    sql += ` and not exists (select 1 from message t where t.thread = m.thread and (t.date, t.n) > (m.date, m.n) and ${newer.sql})`
    values.push(...newer.values)
  }
  sql += ` order by ${plus}${place}.date desc, ${place}.n desc limit ?`
  values.push(request.limit)
  return mailbox.db.all<MessageRow>(sql, ...values)
}

function filterOf(
  alias: string,
  labels: readonly LabelRow[],
  request: ListRequest,
  query: CompiledQuery | undefined,
): { sql: string; values: (string | number)[] } {
  const sql: string[] = []
  const values: (string | number)[] = []
  // Without the plus sign the planner would rather walk the index by hidden and date.
  if (!request.includeHidden) sql.push(`${query?.narrow === true ? '+' : ''}${alias}.hidden = 0`)
  for (const label of labels) {
    sql.push(`exists (select 1 from message_label o where o.n = ${alias}.n and o.l = ?)`)
    values.push(label.l)
  }
  if (request.addedBefore !== undefined) {
    sql.push(`${alias}.added_at <= ?`)
    values.push(request.addedBefore)
  }
  if (query) {
    sql.push(query.sql)
    values.push(...query.values)
  }
  return { sql: sql.length > 0 ? sql.join(' and ') : '1', values }
}

function rarestFirst(mailbox: Mailbox, labels: readonly LabelRow[]): LabelRow[] {
  if (labels.length < 2) return [...labels]
  const counts = new Map(
    labels.map((label) => [
      label.l,
      mailbox.db.count(
        `select count(*) c from (select 1 from message_label where l = ? limit ${countLimit})`,
        label.l,
      ),
    ]),
  )
  return [...labels].sort((a, b) => (counts.get(a.l) ?? 0) - (counts.get(b.l) ?? 0))
}

/** Decimal digits, as real page tokens are. */
export function writePageToken(cursor: Cursor): string {
  return `1${digits(cursor.seen, 9)}${digits(cursor.date + dateShift, 17)}${digits(cursor.n, 16)}`
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0')
}

/** Throws GmailError 400. */
export function readPageToken(token: string): Cursor {
  const match = /^1(\d{9})(\d{17})(\d{16})$/.exec(token)
  if (!match) throw invalidArgument('Invalid pageToken')
  return { seen: Number(match[1]), date: Number(match[2]) - dateShift, n: Number(match[3]) }
}

/** A token for the beginning: an empty page can precede the first (fact sheet section 2.2). */
export const startToken: string = writePageToken({ ...latest, date: dateShift - 1 })
