import { GmailError } from '#gmail/gmail.ts'
import type { CallOptions, Gmail, Label } from '#gmail/gmail.ts'
import type { LabelId } from '#mail/ids.ts'
import type { Book } from '../book.ts'
import { systemLabel } from '../label-rules.ts'
import { applyLabels } from './apply-labels.ts'
import { nextPhase } from './phase.ts'

/** Often empty: asking for the number costs 1 unit, an empty page 5. INBOX is asked for to see that there are numbers. */
const oftenEmpty: readonly LabelId[] = [
  systemLabel.inbox,
  systemLabel.spam,
  systemLabel.trash,
  systemLabel.draft,
  systemLabel.starred,
  systemLabel.important,
  systemLabel.chat,
]

/**
 * Notes the history id, then the labels, and lays out an empty listing for each: what changes from here on is found by
 * replaying history, whenever a page was read. Also the way back after an expired history. At most 9 units.
 */
export async function begin(
  book: Book,
  gmail: Gmail,
  options: { readonly categories: boolean; readonly nowMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const call = { lane: 'sync', cause: 'first-sync', signal: options.signal } as const
  const { historyId } = await gmail.profile(call)
  const labels = await gmail.labels(call)
  const counts = await countsOf(gmail, labels, call)
  // Where every number is 0, they may be no numbers at all.
  const isCounted = [...counts.values()].some((messages) => messages > 0)
  await book.write((entry) => {
    const { shown } = applyLabels(entry, book, labels, options)
    for (const labelId of [systemLabel.unread, ...shown]) {
      entry.unstage(labelId)
      const stage = isCounted && counts.get(labelId) === 0 ? 'reconciling' : 'paging'
      entry.setListing({ labelId, pageToken: undefined, stage, staged: 0 })
    }
    const chats = counts.get(systemLabel.chat) ?? 0
    entry.setListing({ labelId: systemLabel.chat, pageToken: undefined, stage: 'done', staged: chats })
    entry.setSync({ historyId, phase: nextPhase(book.sync.phase, 'begun') })
  })
}

async function countsOf(
  gmail: Gmail,
  labels: readonly Label[],
  call: CallOptions,
): Promise<Map<LabelId, number>> {
  const present = labels.filter(({ id }) => oftenEmpty.includes(id))
  const counts = await Promise.all(
    present.map(async ({ id }) => {
      try {
        const { messagesTotal } = await gmail.labelCounts(id, call)
        return messagesTotal === undefined ? [] : [[id, messagesTotal] as const]
      } catch (error) {
        // Gmail's lists are the truth; this only saves empty ones.
        if (error instanceof GmailError && ['not-found', 'invalid'].includes(error.kind)) return []
        throw error
      }
    }),
  )
  return new Map(counts.flat())
}
