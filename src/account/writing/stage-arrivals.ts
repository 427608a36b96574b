import type { LabelId } from '#mail/ids.ts'
import type { StagedRef } from '#store/store.ts'
import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'

/**
 * While a label is being listed, who joined in the meantime is no stranger to it: the pages may be older, and whoever is not
 * listed would leave and come back by history under another UID. Mailboxes go by their labels, All Mail included.
 */
export function stageArrivals(
  book: Book,
  entry: Entry,
  { messageId, threadId }: StagedRef,
  labels: Iterable<LabelId>,
): void {
  if (book.sync.phase !== 'listing') return
  for (const label of labels) {
    const listing = book.listings.get(label)
    if (listing !== undefined && listing.stage !== 'done') entry.stage(label, [{ messageId, threadId }])
  }
}
