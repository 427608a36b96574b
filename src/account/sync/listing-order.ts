import type { Gmail } from '#gmail/gmail.ts'
import type { LabelId } from '#mail/ids.ts'
import type { ListingRow } from '#store/store.ts'
import { allMail, bitLabel, systemLabel } from '../label-rules.ts'

/** Without these no flag is right: no mailbox may be selected before they are known. */
const flagLabels: readonly LabelId[] = [systemLabel.unread, systemLabel.starred]
const away: readonly LabelId[] = [systemLabel.spam, systemLabel.trash]
const usualOrder: readonly LabelId[] = [
  systemLabel.inbox,
  ...flagLabels,
  systemLabel.draft,
  allMail,
  ...away,
  systemLabel.sent,
  systemLabel.important,
]

/** Listed with Spam and Trash: the label is a flag that messages have there too, or is one of the two. */
export function listsHidden(label: LabelId): boolean {
  return bitLabel(label) !== undefined || away.includes(label)
}

/** What must be listed and reconciled before the mailbox of this label can be whole. */
export function prerequisites(label: LabelId): readonly LabelId[] {
  // A list with Spam and Trash says nothing of who is there; those two do.
  const wanted = bitLabel(label) === undefined ? flagLabels : [...flagLabels, ...away]
  return wanted.filter((other) => other !== label)
}

/** INBOX first, then the flags, then All Mail; what a client waits for, with all it needs, before everything. */
export function listingOrder(labels: Iterable<LabelId>, urged: ReadonlySet<LabelId>): LabelId[] {
  const first = [...urged].flatMap((label) => [label, ...prerequisites(label)])
  const rank = new Map<LabelId, number>()
  for (const label of [...first, ...usualOrder]) if (!rank.has(label)) rank.set(label, rank.size)
  return [...labels]
    .map((label, index) => ({ label, rank: rank.get(label) ?? rank.size + index }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ label }) => label)
}

/** The query that lists a label. Chats are asked away only where there are any: `q` goes through the search index. */
export function listingQuery(
  { labelId, pageToken }: ListingRow,
  hasChats: boolean,
): Parameters<Gmail['listMessages']>[0] {
  return {
    ...(labelId === allMail ? {} : { labelIds: [labelId] }),
    ...(listsHidden(labelId) ? { includeSpamTrash: true } : {}),
    ...(hasChats ? { q: '-in:chats' } : {}),
    ...(pageToken === undefined ? {} : { pageToken }),
  }
}
