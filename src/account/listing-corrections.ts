import type { LabelId } from '#mail/ids.ts'
import type { StagedRef } from '#store/store.ts'
import type { Book } from './book.ts'
import type { Entry } from './entry.ts'
import { bitLabel, isHidden, placesOfLabels } from './label-rules.ts'
import { listsHidden } from './sync/listing-order.ts'

/**
 * What our own changes say of labels that are being listed: the pages may be older, and by them a message that was moved away would
 * come back, one that was moved there would leave and come back by history under another UID, one that was read would be unread.
 * In the same commit as the change itself, so that a kill takes both or none. SPEC.md, Listing 6.
 */
export class ListingCorrections {
  readonly #entry: Entry
  readonly #labels: readonly LabelId[]

  /** For one entry. */
  constructor(book: Book, entry: Entry) {
    this.#entry = entry
    this.#labels =
      book.sync.phase === 'listing'
        ? [...book.listings.values()].filter(({ stage }) => stage !== 'done').map(({ labelId }) => labelId)
        : []
  }

  /** Labels of a message before and after the change; undefined where it does not exist. */
  note(
    ref: StagedRef,
    before: ReadonlySet<LabelId> | undefined,
    after: ReadonlySet<LabelId> | undefined,
  ): void {
    if (this.#labels.length === 0) return
    const [was, is] = [listedUnder(before), listedUnder(after)]
    const { messageId, threadId } = ref
    for (const labelId of this.#labels) {
      const listed = is.has(labelId)
      // The store need not know of a label under which it was listed.
      const isNowhere = after === undefined || (isHidden(after) && !listsHidden(labelId))
      if (listed !== was.has(labelId) || isNowhere)
        this.#entry.correct({ labelId, ref: { messageId, threadId }, listed })
    }
  }
}

/** Mailboxes go by their labels, All Mail included; flags are listed in Spam and Trash too. */
function listedUnder(labels: ReadonlySet<LabelId> | undefined): ReadonlySet<LabelId> {
  if (labels === undefined) return new Set()
  const flags = [...labels].filter((label) => bitLabel(label) !== undefined)
  return new Set([...placesOfLabels(labels), ...flags])
}
