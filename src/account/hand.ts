import type { Gmail } from '#gmail/gmail.ts'
import { FlagBit } from '#mail/flags.ts'
import type { MailboxId, MessageId, MessageKey } from '#mail/ids.ts'
import type { FlagChange } from '#mail/mailstore.ts'
import type { MembershipRow, MessageRow } from '#store/store.ts'
import type { Book } from './book.ts'
import type { Entry } from './entry.ts'
import { changedFlags, relabellings, sameFlags } from './flag-change.ts'
import { bitLabels, labelBits, placesOfLabels } from './label-rules.ts'
import { ListingCorrections } from './listing-corrections.ts'
import { breathe, placesOf, slicesOf } from './present.ts'
import { EarlierReading } from './reading.ts'
import { labelsPresent, settle } from './settle.ts'
import type { Places } from './settle.ts'
import { relabelAtGmail } from './writing/relabel-at-gmail.ts'
import type { Outcome } from './writing/relabel-at-gmail.ts'

/** Some milliseconds. */
const rowsPerCommit = 1000

/**
 * The one place where Postern changes mail: first at Gmail, then in the store, by the changeset that history would cause.
 * The commit publishes it; when history echoes it, nothing is left to do.
 */
export class Hand {
  readonly #book: Book
  readonly #gmail: Gmail
  readonly #onChange: () => void

  /** `onChange` is called after each commit here: history read before it is older than the store. */
  constructor(options: { book: Book; gmail: Gmail; onChange: () => void }) {
    this.#book = options.book
    this.#gmail = options.gmail
    this.#onChange = options.onChange
  }

  /** See `Mailstore.changeFlags`. Of several Gmail calls some may have been done when it throws; those are committed. */
  async changeFlags(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
    change: FlagChange,
    signal: AbortSignal,
  ): Promise<void> {
    const isLocal = change.mode !== 'replace' && (change.bits & labelBits) === 0
    const earlier = isLocal ? EarlierReading.none(this.#book) : await EarlierReading.read(this.#book, keys)
    const { done, failure } = isLocal
      ? { done: [...new Set(keys)] }
      : await this.#changeAtGmail([...earlier.rows.values()], change, signal)
    // It is done at Gmail: from here on nothing may be given up.
    for (const slice of slicesOf(done, rowsPerCommit)) {
      await this.#commitFlags(mailbox, slice, change, earlier)
      if (slice.length < done.length) await breathe()
    }
    if (failure !== undefined) throw failure.reason
  }

  /** Which messages are as they shall be at Gmail by now; flags that Gmail lacks cost nothing there. */
  async #changeAtGmail(
    rows: readonly MessageRow[],
    change: FlagChange,
    signal: AbortSignal,
  ): Promise<{ readonly done: readonly MessageKey[]; readonly failure?: Outcome['failure'] }> {
    const byId = new Map(rows.map((row) => [row.messageId, row.key]))
    const groups = relabellings(
      rows.map((row) => ({
        messageId: row.messageId,
        before: row.bits,
        after: changedFlags(row, change).bits,
      })),
    )
    const untouched = new Map(byId)
    for (const { ids } of groups) for (const id of ids) untouched.delete(id)
    const drafts = new Set(
      rows.filter(({ bits }) => (bits & FlagBit.draft) !== 0).map(({ messageId }) => messageId),
    )
    const call = { lane: 'person', cause: 'flags', signal } as const
    let failure: Outcome['failure']
    const done = [...untouched.values()]
    for (const group of groups) {
      if (failure !== undefined) break
      const apart = group.add.length > 0 ? drafts : new Set<MessageId>()
      const outcome = await relabelAtGmail(this.#gmail, group, call, apart)
      failure = outcome.failure
      done.push(...outcome.done.flatMap((id) => byId.get(id) ?? []))
    }
    return { done, failure }
  }

  async #commitFlags(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
    change: FlagChange,
    earlier: EarlierReading,
  ): Promise<void> {
    await earlier.write(keys, (entry, { rows, membershipsOf }) => {
      const places = placesOf(this.#book)
      const corrections = new ListingCorrections(this.#book, entry)
      for (const key of keys) {
        const row = rows.get(key)
        if (row === undefined) continue
        const members = membershipsOf(key)
        const member = members.find((candidate) => candidate.mailbox === mailbox)
        const before = {
          bits: row.bits | (member?.deleted === true ? FlagBit.deleted : 0),
          keywords: row.keywords,
        }
        const after = changedFlags(before, change)
        if (sameFlags(before, after)) continue
        const message = { key: row.key, bits: after.bits & ~FlagBit.deleted, keywords: after.keywords }
        const staying = placeByBits({ entry, corrections }, row, message, members, places)
        if (!sameFlags(row, message)) entry.setFlags(message, staying)
        const deleted = (after.bits & FlagBit.deleted) !== 0
        if (member !== undefined && staying.includes(member) && member.deleted !== deleted)
          entry.setDeleted(member, deleted, message)
      }
    })
    this.#onChange()
  }
}

/** Flags that are labels are mailboxes too: Starred, Important. Which memberships stay. */
function placeByBits(
  { entry, corrections }: { readonly entry: Entry; readonly corrections: ListingCorrections },
  row: MessageRow,
  message: Pick<MessageRow, 'key' | 'bits' | 'keywords'>,
  members: readonly MembershipRow[],
  places: Places,
): readonly MembershipRow[] {
  if (((row.bits ^ message.bits) & labelBits) === 0) return members
  const labels = labelsPresent({ message, memberships: members }, places)
  for (const { label, bit, inverted } of bitLabels)
    if (((message.bits & bit) !== 0) === inverted) labels.delete(label)
  settle(entry, row, labels, { message, memberships: members }, places)
  corrections.note(row, labelsPresent({ message: row, memberships: members }, places), labels)
  const wanted = placesOfLabels(labels)
  return members.filter(({ mailbox }) => {
    const label = places.labelOf(mailbox)
    return label !== undefined && wanted.has(label)
  })
}
