import { choices } from '../choices.ts'
import { invalidArgument, metadataOnly } from '../errors.ts'
import {
  listMessages,
  readPageToken,
  startToken,
  writePageToken,
  type ListRequest,
} from '../mailbox/listing.ts'
import type { LabelRow } from '../mailbox/labels.ts'
import type { MessageRow } from '../mailbox/mailbox.ts'
import { compileQuery } from '../search/condition.ts'
import { completeIndex } from '../search/index.ts'
import { parseQuery } from '../search/query.ts'
import type { MethodCall } from './method.ts'
import { seesOnlyMetadata } from './scopes.ts'

/** Query parameters that lists of messages, threads and drafts share. */
export const listParameters = ['q', 'labelIds', 'includeSpamTrash', 'pageToken', 'maxResults'] as const

const pageSize = 100
const pageLimit = 500

export interface ListPage {
  rows: MessageRow[]
  nextPageToken: string | undefined
  resultSizeEstimate: number
}

/** One page of a list, by the call's query. `more` narrows it. Fact sheet section 2.2. */
export async function listPage(
  call: MethodCall,
  more: { labels?: readonly LabelRow[]; threads?: boolean; empty?: boolean } = {},
): Promise<ListPage> {
  const { mailbox, query, world } = call
  const token = query.text('pageToken')
  const from = token === undefined ? undefined : readPageToken(token)
  const limit = query.count('maxResults', pageSize, pageLimit)
  const request = await listRequest(call, more)
  if (more.empty === true && token === undefined)
    return { rows: [], nextPageToken: startToken, resultSizeEstimate: choices.resultSizeEstimate }
  const rows = listMessages(mailbox, { ...request, from, limit: limit + 1 })
  const seen = (from?.seen ?? 0) + Math.min(rows.length, limit)
  if (rows.length <= limit) {
    swapNeighbours(rows, world.quirks.looseOrder)
    return { rows, nextPageToken: undefined, resultSizeEstimate: seen }
  }
  rows.pop()
  const last = rows.at(-1)
  const nextPageToken = last && writePageToken({ date: last.date, n: last.n, seen })
  swapNeighbours(rows, world.quirks.looseOrder)
  return { rows, nextPageToken, resultSizeEstimate: choices.resultSizeEstimate }
}

async function listRequest(
  { mailbox, query, token, world }: MethodCall,
  more: { labels?: readonly LabelRow[]; threads?: boolean },
): Promise<Omit<ListRequest, 'from' | 'limit'>> {
  const q = query.text('q')
  if (q !== undefined && seesOnlyMetadata(token.scopes))
    throw metadataOnly("Metadata scope does not support 'q' parameter")
  const labels = query.list('labelIds').map((id) => {
    const label = mailbox.labels.byId(id)
    if (!label) throw invalidArgument(`Invalid label: ${id}`)
    return label
  })
  labels.push(...(more.labels ?? []))
  const parsed = q === undefined || q.trim() === '' ? undefined : parseQuery(q)
  const now = world.clock.now()
  const compiled = parsed && compileQuery(parsed, 'm', mailbox.labels, now)
  if (compiled?.needsIndex === true) await completeIndex(mailbox)
  const includeHidden =
    query.flag('includeSpamTrash') ||
    compiled?.includeHidden === true ||
    labels.some(({ id }) => id === 'SPAM' || id === 'TRASH')
  const lag = world.quirks.searchLagMs
  const request: Omit<ListRequest, 'from' | 'limit'> = {
    labels,
    query: compiled,
    includeHidden,
    addedBefore: parsed && lag > 0 ? now - lag : undefined,
  }
  if (more.threads === true)
    request.threads = { query: parsed && compileQuery(parsed, 't', mailbox.labels, now) }
  return request
}

/** Quirk 7: the order of a real list is not strict. */
function swapNeighbours(rows: MessageRow[], loose: boolean): void {
  if (!loose) return
  for (let at = 1; at < rows.length; at += 3) {
    const [left, right] = [rows[at - 1], rows[at]]
    if (left && right) [rows[at - 1], rows[at]] = [right, left]
  }
}

/** What every list answers; empty lists and absent tokens are left out (fact sheet section 6). */
export function listAnswer(key: string, entries: readonly object[], page: ListPage): object {
  return {
    ...(entries.length > 0 ? { [key]: entries } : {}),
    ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
    resultSizeEstimate: page.resultSizeEstimate,
  }
}
