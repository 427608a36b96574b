import { FlagBit } from '#mail/flags.ts'
import type { Book } from '../book.ts'
import type { BitLabel } from '../label-rules.ts'
import { breathe, readMemberships } from '../present.ts'

/** Rows in one commit: some milliseconds. */
const rowsPerCommit = 500

/**
 * Makes a flag agree with the listing of its label. Messages that no list has named before are made here, and are read
 * until UNREAD says otherwise; those that turn out to be in no mailbox are forgotten at the end of the listing.
 */
export async function reconcileBits(
  book: Book,
  { label, bit, inverted }: BitLabel,
  signal: AbortSignal,
): Promise<void> {
  const { store } = book
  const set = (bits: number, present: boolean) => (present ? bits | bit : bits & ~bit)

  const labelled = () =>
    book.write(async (entry) => {
      const rows = await store.stagedWithoutBit(label, bit, rowsPerCommit, { inverted })
      const found = rows.flatMap(({ key }) => key ?? [])
      const messages = await store.messagesByKey(found)
      const memberships = await readMemberships(store, found)
      for (const row of rows) {
        const message = row.key === undefined ? undefined : messages.get(row.key)
        if (message === undefined) entry.addMessage(row, set(FlagBit.seen, !inverted))
        else entry.setFlags({ ...message, bits: set(message.bits, !inverted) }, memberships(message.key))
      }
      return rows.length
    })

  const unlabelled = () =>
    book.write(async (entry) => {
      const rows = await store.bitNotStaged(label, bit, rowsPerCommit, { inverted })
      const memberships = await readMemberships(
        store,
        rows.map(({ key }) => key),
      )
      for (const row of rows) entry.setFlags({ ...row, bits: set(row.bits, inverted) }, memberships(row.key))
      return rows.length
    })

  for (const pass of [labelled, unlabelled])
    while ((await pass()) > 0) {
      signal.throwIfAborted()
      await breathe()
    }
}
