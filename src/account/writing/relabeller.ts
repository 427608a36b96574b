import type { CallOptions, Gmail } from '#gmail/gmail.ts'
import { FlagBit } from '#mail/flags.ts'
import type { LabelId, MessageId, MessageKey } from '#mail/ids.ts'
import type { MessageRow } from '#store/store.ts'
import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'
import { systemLabel } from '../label-rules.ts'
import { ListingCorrections } from '../listing-corrections.ts'
import { onceEach } from '../once-each.ts'
import { breathe, placesOf, slicesOf } from '../present.ts'
import type { EarlierReading, Reading } from '../reading.ts'
import { labelReader, Settler } from '../settle.ts'
import type { UnderWay } from '../sync/touched.ts'
import { relabelAtGmail } from './relabel-at-gmail.ts'
import type { Outcome } from './relabel-at-gmail.ts'
import { planRelabelling } from './relabelling-plan.ts'

/** Messages in one commit: some milliseconds. */
const messagesPerCommit = 1000

type Labels = ReadonlySet<LabelId>

/** A message and the labels it shall have. */
export interface Intention {
  readonly row: MessageRow
  readonly before: ReadonlySet<LabelId>
  readonly after: ReadonlySet<LabelId>
}

/**
 * Changes messages as a whole: first at Gmail, then in the store by the changeset that history would cause, so that its echo
 * finds nothing to do. After a kill between the two the echo does it all. A big change is committed in slices.
 */
export class Relabeller {
  readonly #book: Book
  readonly #gmail: Gmail
  readonly #changing: (keys: Iterable<MessageKey>) => UnderWay
  readonly #onChange: () => void

  /** `changing` is told of the messages before each call, `onChange` is called after each commit here: history read before it is older than the store. */
  constructor(options: {
    book: Book
    gmail: Gmail
    changing: (keys: Iterable<MessageKey>) => UnderWay
    onChange: () => void
  }) {
    this.#book = options.book
    this.#gmail = options.gmail
    this.#changing = options.changing
    this.#onChange = options.onChange
  }

  /** `reading` has the messages. Of several Gmail calls some may have been done when it throws; those are committed. */
  async relabel(reading: EarlierReading, intentions: readonly Intention[], call: CallOptions): Promise<void> {
    const byId = new Map(intentions.map((intention) => [intention.row.messageId, intention]))
    const plan = planRelabelling(
      intentions.map(({ row, before, after }) => ({ messageId: row.messageId, before, after })),
    )
    using _ = this.#changing(intentions.map(({ row }) => row.key))
    for (const group of plan) {
      const isTrashing = group.add.every((label) => label === systemLabel.trash)
      const drafts = isTrashing ? [] : group.ids.filter((id) => isDraft(byId.get(id)?.row))
      const outcome = await relabelAtGmail(this.#gmail, group, call, new Set(drafts))
      await this.#finish(outcome, (slice) =>
        this.#commitLabels(
          reading,
          slice.flatMap((id) => byId.get(id) ?? []),
        ),
      )
    }
  }

  /** For ever. Throws GmailError `forbidden` where the scope does not allow it. */
  async deleteForEver(
    reading: EarlierReading,
    rows: readonly MessageRow[],
    call: CallOptions,
  ): Promise<void> {
    const keys = new Map(rows.map(({ messageId, key }) => [messageId, key]))
    for (const ids of slicesOf([...keys.keys()], 1000)) {
      await this.#gmail.deleteMessages(ids, call)
      await this.forget(
        reading,
        ids.flatMap((id) => keys.get(id) ?? []),
      )
    }
  }

  /** They exist no more at Gmail. */
  async forget(reading: EarlierReading, keys: readonly MessageKey[]): Promise<void> {
    await this.#inSlices(reading, keys, (entry, { rows, membershipsOf }, slice) => {
      const corrections = new ListingCorrections(this.#book, entry)
      for (const key of slice) {
        entry.forget(key, membershipsOf(key))
        const row = rows.get(key)
        if (row !== undefined) corrections.note(row, undefined, undefined)
      }
    })
  }

  async #finish(outcome: Outcome, commit: (ids: readonly MessageId[]) => Promise<void>): Promise<void> {
    // It is done at Gmail: from here on nothing may be given up.
    await commit(outcome.done)
    if (outcome.failure !== undefined) throw outcome.failure.reason
  }

  async #commitLabels(reading: EarlierReading, intentions: readonly Intention[]): Promise<void> {
    const book = this.#book
    const byKey = new Map(intentions.map((intention) => [intention.row.key, intention]))
    const changed = onceEach((known: Labels) =>
      onceEach((before: Labels) => onceEach((after: Labels) => withChange(known, before, after))),
    )
    await this.#inSlices(reading, [...byKey.keys()], (entry, { rows, membershipsOf }, slice) => {
      const places = placesOf(book)
      const corrections = new ListingCorrections(book, entry)
      const settler = new Settler(entry, places)
      const labelsOf = labelReader(places)
      for (const key of slice) {
        const message = rows.get(key)
        const intention = byKey.get(key)
        if (message === undefined || intention === undefined) continue
        const present = { message, memberships: membershipsOf(key) }
        const known = labelsOf(present)
        const labels = changed(known)(intention.before)(intention.after)
        settler.settle(message, labels, present)
        corrections.note(message, known, labels)
      }
    })
  }

  async #inSlices(
    reading: EarlierReading,
    keys: readonly MessageKey[],
    compose: (entry: Entry, reading: Reading, slice: readonly MessageKey[]) => void,
  ): Promise<void> {
    for (const slice of slicesOf(keys, messagesPerCommit)) {
      await reading.write(slice, (entry, current) => compose(entry, current, slice))
      this.#onChange()
      if (keys.length > slice.length) await breathe()
    }
  }
}

/** Labels with what was to be added and taken off: others may have changed meanwhile. */
function withChange(known: Labels, before: Labels, after: Labels): Labels {
  const labels = new Set(known)
  for (const label of before) if (!after.has(label)) labels.delete(label)
  for (const label of after) if (!before.has(label)) labels.add(label)
  return labels
}

function isDraft(row: MessageRow | undefined): boolean {
  return row !== undefined && (row.bits & FlagBit.draft) !== 0
}
