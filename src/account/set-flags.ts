import { FlagBit } from '#mail/flags.ts'
import type { MailboxId, MessageKey } from '#mail/ids.ts'
import type { MembershipRow, MessageRow } from '#store/store.ts'
import type { Book } from './book.ts'
import type { Entry } from './entry.ts'
import { changedFlags, sameFlags } from './flag-change.ts'
import type { WrittenChange } from './flag-change.ts'
import { labelBits, placesOfLabels } from './label-rules.ts'
import { ListingCorrections } from './listing-corrections.ts'
import { placesOf, readMemberships } from './present.ts'
import { rowsOf } from './records.ts'
import { labelsPresent, settle } from './settle.ts'
import type { Places } from './settle.ts'

/** Writes any change of flags, by the rows of the messages: one that is gone is left out. */
export async function setFlags(
  entry: Entry,
  book: Book,
  mailbox: MailboxId,
  keys: Uint32Array,
  change: WrittenChange,
): Promise<void> {
  const rows = await rowsOf(book.store, [...keys] as MessageKey[])
  const membershipsOf = await readMemberships(
    book.store,
    rows.map(({ key }) => key),
  )
  const places = placesOf(book)
  const corrections = new ListingCorrections(book, entry)
  for (const row of rows) {
    const members = membershipsOf(row.key)
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
  settle(entry, row, labels, { message, memberships: members }, places)
  corrections.note(row, labelsPresent({ message: row, memberships: members }, places), labels)
  const wanted = placesOfLabels(labels)
  return members.filter(({ mailbox }) => {
    const label = places.labelOf(mailbox)
    return label !== undefined && wanted.has(label)
  })
}
