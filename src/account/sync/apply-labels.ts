import type { Label } from '#gmail/gmail.ts'
import type { LabelId } from '#mail/ids.ts'
import type { LabelRow } from '#store/store.ts'
import type { Entry, Standing } from '../entry.ts'
import { allMail } from '../label-rules.ts'
import { isShown } from '../mailbox-names.ts'

/**
 * Brings the mailboxes to what labels.list says. A label known by its id keeps its mailbox whatever its name is now; one
 * that is gone takes its UIDs with it; one made anew has another id and so gets a new mailbox (fact sheet section 2.9).
 * New mailboxes get an empty listing.
 */
export function applyLabels(
  entry: Entry,
  standing: Standing,
  labels: readonly Label[],
  options: { readonly categories: boolean; readonly nowMs: number },
): { readonly shown: ReadonlySet<LabelId>; readonly added: ReadonlySet<LabelId> } {
  if (!sameLabels(standing.labels, labels)) entry.setLabels(labels.map(labelRow))
  const shown = new Set<LabelId>([allMail])
  for (const label of labels) if (isShown(label, options)) shown.add(label.id)
  const added = new Set(shown)
  for (const row of standing.mailboxes.values()) {
    if (row.gone || added.delete(row.labelId)) continue
    // Nobody can delete Gmail's own labels: a list without one is a bad answer, and its UIDs are worth more.
    if (isShown({ id: row.labelId, type: 'system' }, options)) {
      shown.add(row.labelId)
      continue
    }
    entry.dropMailbox(row.id)
    const listing = standing.listings.get(row.labelId)
    if (listing === undefined || listing.stage === 'done') continue
    entry.setListing({ ...listing, pageToken: undefined, stage: 'done', staged: 0 })
    entry.unstage(row.labelId)
  }
  for (const label of added) {
    entry.addMailbox(label, options.nowMs)
    entry.unstage(label)
    entry.setListing({ labelId: label, pageToken: undefined, stage: 'paging', staged: 0 })
  }
  return { shown, added }
}

function labelRow({ id, name, type, labelListVisibility }: Label): LabelRow {
  return { id, name, type, labelListVisibility }
}

function sameLabels(a: readonly LabelRow[], b: readonly LabelRow[]): boolean {
  if (a.length !== b.length) return false
  const byId = new Map(a.map((row) => [row.id, row]))
  return b.every(({ id, name, type, labelListVisibility }) => {
    const known = byId.get(id)
    return known?.name === name && known.type === type && known.labelListVisibility === labelListVisibility
  })
}
