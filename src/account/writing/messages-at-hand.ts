import type { LabelId, MailboxId, MessageKey, Uid } from '#mail/ids.ts'
import type { MembershipRow, MessageRow } from '#store/store.ts'
import type { Book } from '../book.ts'
import { placesOf } from '../present.ts'
import { EarlierReading } from '../reading.ts'
import { labelReader } from '../settle.ts'

/** A message in the mailbox from which a command speaks of it. */
export interface MessageAtHand {
  readonly row: MessageRow
  readonly uid: Uid
  readonly memberships: readonly MembershipRow[]
  /** Messages with the same labels and mailboxes have the same set. As far as they are known: in Spam and Trash only the flags and those two. */
  readonly labels: ReadonlySet<LabelId>
}

/** Those of the messages that are in the mailbox, ascending by UID, and the reading that found them. */
export async function messagesAtHand(
  book: Book,
  mailbox: MailboxId,
  keys: readonly MessageKey[],
): Promise<{ readonly messages: readonly MessageAtHand[]; readonly reading: EarlierReading }> {
  const reading = await EarlierReading.read(book, keys)
  const labelsOf = labelReader(placesOf(book))
  const found: MessageAtHand[] = []
  for (const row of reading.rows.values()) {
    const memberships = reading.membershipsOf(row.key)
    const here = memberships.find((member) => member.mailbox === mailbox)
    if (here === undefined) continue
    found.push({ row, uid: here.uid, memberships, labels: labelsOf({ message: row, memberships }) })
  }
  return { messages: found.sort((a, b) => a.uid - b.uid), reading }
}
