import { FlagBit } from '#mail/flags.ts'
import type { LabelId, MailboxId, MessageId } from '#mail/ids.ts'
import type { MailboxRow, MembershipRow, StagedRef } from '#store/store.ts'
import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'
import { allMail, isHidden, systemLabel } from '../label-rules.ts'
import { breathe, idsTellTime, oldestFirst, placesOf, readPresent, slicesOf } from '../present.ts'
import { labelsPresent } from '../settle.ts'
import { listsHidden } from './listing-order.ts'
import { sortInTurns } from './sort-in-turns.ts'

/** Rows in one commit: some milliseconds. */
const rowsPerCommit = 500
/** Ids sorted at once, some 200 octets each. A longer list gets its UIDs in several sorted runs. */
const idsPerRun = 200_000

/**
 * Makes a mailbox agree with the listing of its label: who is not listed leaves, who is new joins, from the oldest, and
 * nobody who stays gets another UID.
 */
export async function reconcileMailbox(book: Book, mailbox: MailboxRow, signal: AbortSignal): Promise<void> {
  await takeLeave(book, mailbox, signal)
  for (;;) {
    const refs = await book.store.stagedNotJoined(mailbox.labelId, mailbox.id, idsPerRun)
    const ordered = idsTellTime(refs) ? await sortInTurns(refs, oldestFirst) : refs
    const joined = await takeIn(book, mailbox, ordered, signal)
    if (refs.length < idsPerRun || joined === 0) return
  }
}

async function takeLeave(book: Book, { id, labelId }: MailboxRow, signal: AbortSignal): Promise<void> {
  for (let from = 1; ;) {
    const last = await book.write(async (entry) => {
      if (isGone(book, id)) return undefined
      const rows = await book.store.joinedNotStaged(labelId, id, from, rowsPerCommit)
      for (const row of rows) entry.leave(row)
      return rows.at(-1)?.uid
    })
    if (last === undefined) return
    from = last + 1
    signal.throwIfAborted()
    await breathe()
  }
}

/** How many joined. */
async function takeIn(
  book: Book,
  mailbox: MailboxRow,
  refs: readonly StagedRef[],
  signal: AbortSignal,
): Promise<number> {
  // What we moved away ourselves since the refs were read.
  const unlisted = new Set<MessageId>()
  const leave = book.onCommit((_, { corrections = [] }) => {
    for (const { labelId, ref, listed } of corrections) {
      if (labelId !== mailbox.labelId) continue
      if (listed) unlisted.delete(ref.messageId)
      else unlisted.add(ref.messageId)
    }
  })
  let joined = 0
  try {
    for (const slice of slicesOf(refs, rowsPerCommit)) {
      joined += await book.write((entry) =>
        joinSlice(
          book,
          entry,
          mailbox,
          slice.filter(({ messageId }) => !unlisted.has(messageId)),
        ),
      )
      signal.throwIfAborted()
      await breathe()
    }
  } finally {
    leave()
  }
  return joined
}

async function joinSlice(
  book: Book,
  entry: Entry,
  { id, labelId }: MailboxRow,
  refs: readonly StagedRef[],
): Promise<number> {
  if (isGone(book, id)) return 0
  const presentOf = await readPresent(
    book.store,
    refs.map(({ messageId }) => messageId),
  )
  const places = placesOf(book)
  const isAway = labelId === systemLabel.spam || labelId === systemLabel.trash
  let joined = 0
  for (const ref of refs) {
    const present = presentOf(ref.messageId)
    if (present.memberships.some(({ mailbox }) => mailbox === id)) continue
    // STARRED and its like are listed with Spam and Trash, but a message in those is shown nowhere else.
    if (!isAway && listsHidden(labelId) && isHidden(labelsPresent(present, places))) continue
    if (present.message === undefined && isLeftToHistory(book, labelId)) continue
    if (isAway) leaveOthers(book, entry, present.memberships)
    entry.join(id, present.message ?? entry.addMessage(ref, FlagBit.seen))
    joined++
  }
  return joined
}

function leaveOthers(book: Book, entry: Entry, memberships: readonly MembershipRow[]): void {
  for (const member of memberships) {
    const label = book.mailboxes.get(member.mailbox)?.labelId
    if (label !== systemLabel.spam && label !== systemLabel.trash) entry.leave(member)
  }
}

/**
 * A message that the finished listing of All Mail does not have came later. History tells all its labels; this listing
 * only one.
 */
function isLeftToHistory(book: Book, labelId: LabelId): boolean {
  const isAway = labelId === systemLabel.spam || labelId === systemLabel.trash
  return !isAway && labelId !== allMail && book.listings.get(allMail)?.stage === 'done'
}

/** The label may go while its listing is being worked through. */
function isGone(book: Book, mailbox: MailboxId): boolean {
  return book.mailboxes.get(mailbox)?.gone !== false
}
