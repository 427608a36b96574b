import type { Gmail } from '#gmail/gmail.ts'
import type { MessageKey } from '#mail/ids.ts'
import type { SearchHint } from '#mail/mailstore.ts'
import type { AccountStore } from '#store/store.ts'
import { gmailQuery } from './gmail-query.ts'

/** See `Mailstore.candidates`. 5 units for each 500 found. Without anything to search for, nothing is asked or found. */
export async function findCandidates(
  gmail: Gmail,
  store: AccountStore,
  hints: readonly SearchHint[],
  signal: AbortSignal,
): Promise<ReadonlySet<MessageKey>> {
  const found = new Set<MessageKey>()
  const q = gmailQuery(hints)
  if (q === undefined) return found
  let pageToken: string | undefined
  do {
    const page = await gmail.listMessages(
      { q, includeSpamTrash: true, ...(pageToken === undefined ? {} : { pageToken }) },
      { lane: 'person', cause: 'search', signal },
    )
    const rows = await store.messagesById(page.messages.map(({ id }) => id))
    for (const { key } of rows.values()) found.add(key)
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
  return found
}
