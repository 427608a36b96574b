import { GmailError } from '#gmail/gmail.ts'
import type { Gmail } from '#gmail/gmail.ts'
import { FlagBit } from '#mail/flags.ts'
import type { MailboxId, MessageId, MessageKey } from '#mail/ids.ts'
import type { FlagChange } from '#mail/mailstore.ts'
import type { MessageRow } from '#store/store.ts'
import type { Book } from './book.ts'
import { changedFlags, relabellings, sameFlags } from './flag-change.ts'
import type { Relabelling } from './flag-change.ts'
import { readMemberships, slicesOf } from './present.ts'
import { rowsOf } from './records.ts'

/** From here on a batchModify is cheaper and single calls would tell no more. Fact sheet section 1.2. */
const batchFrom = 10
const rowsPerCommit = 500

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
    const rows = await rowsOf(this.#book.store, keys)
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
    let failure: { readonly reason: unknown } | undefined
    const done = [...untouched.values()]
    for (const group of groups) {
      if (failure !== undefined) break
      const outcome = await this.#relabel(group, signal)
      failure = outcome.failure
      done.push(...outcome.ids.flatMap((id) => byId.get(id) ?? []))
    }
    // It is done at Gmail: from here on nothing may be given up.
    for (const slice of slicesOf(done, rowsPerCommit)) await this.#commitFlags(mailbox, slice, change)
    if (failure !== undefined) throw failure.reason
  }

  /** Which messages have been changed at Gmail, those that are gone included: history will tell of them. */
  async #relabel(
    { ids, add, remove }: Relabelling,
    signal: AbortSignal,
  ): Promise<{ ids: readonly MessageId[]; failure?: { readonly reason: unknown } }> {
    const call = { lane: 'person', cause: 'flags', signal } as const
    if (ids.length >= batchFrom) {
      try {
        await this.#gmail.modify(ids, { add, remove }, call)
        return { ids }
      } catch (error) {
        return { ids: [], failure: { reason: error } }
      }
    }
    const outcomes = await Promise.allSettled(
      ids.map((id) => this.#gmail.modify([id], { add, remove }, call)),
    )
    const done: MessageId[] = []
    let failure: { readonly reason: unknown } | undefined
    for (const [index, outcome] of outcomes.entries()) {
      const reason: unknown = outcome.status === 'rejected' ? outcome.reason : undefined
      if (outcome.status === 'fulfilled') done.push(ids[index] as MessageId)
      else if (!(reason instanceof GmailError) || reason.kind !== 'not-found') failure ??= { reason }
    }
    return failure === undefined ? { ids: done } : { ids: done, failure }
  }

  async #commitFlags(mailbox: MailboxId, keys: readonly MessageKey[], change: FlagChange): Promise<void> {
    const { store } = this.#book
    await this.#book.write(async (entry) => {
      const rows: ReadonlyMap<MessageKey, MessageRow> = await store.messagesByKey(keys)
      const memberships = await readMemberships(store, keys)
      for (const row of rows.values()) {
        const members = memberships(row.key)
        const member = members.find((candidate) => candidate.mailbox === mailbox)
        const before = {
          bits: row.bits | (member?.deleted === true ? FlagBit.deleted : 0),
          keywords: row.keywords,
        }
        const after = changedFlags(before, change)
        if (sameFlags(before, after)) continue
        const message = { key: row.key, bits: after.bits & ~FlagBit.deleted, keywords: after.keywords }
        if (!sameFlags(row, message)) entry.setFlags(message, members)
        const deleted = (after.bits & FlagBit.deleted) !== 0
        if (member !== undefined && member.deleted !== deleted) entry.setDeleted(member, deleted, message)
      }
    })
    this.#onChange()
  }
}
