import { GmailError } from '#gmail/gmail.ts'
import type { CallOptions, Gmail } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import { FlagBit } from '#mail/flags.ts'
import type { LabelId, MailboxId, MessageId, MessageKey } from '#mail/ids.ts'
import type { MaildropChange, MaildropKeeper } from '#mail/maildrop.ts'
import type { Book } from '../book.ts'
import type { Hand } from '../hand.ts'
import { mailError } from '../mail-error.ts'
import { isNotServed } from '../not-served.ts'
import { rowsOf } from '../records.ts'
import { labelsOf } from './disposition.ts'
import type { Disposition } from './disposition.ts'
import type { Prefetcher } from './prefetcher.ts'

export interface AccountMaildropOptions {
  readonly book: Book
  readonly gmail: Gmail
  readonly hand: Hand
  readonly prefetcher: Prefetcher
  /** Instead of what the account's POP setting says. */
  readonly disposition: Disposition | undefined
  /** Called when Gmail was changed past the book: history will tell. */
  readonly onChange: () => void
  /** Called with what Gmail refused. */
  readonly onTrouble: (error: unknown) => void
  /** Aborted when the account closes. */
  readonly closing: AbortSignal
}

/** What POP3 needs of one account. */
export class AccountMaildrop implements MaildropKeeper {
  readonly #options: AccountMaildropOptions

  constructor(options: AccountMaildropOptions) {
    this.#options = options
  }

  popped(keys: readonly MessageKey[], how: 'retrieved' | 'deleted'): Promise<ReadonlySet<MessageKey>> {
    return this.#speaking(() => this.#options.book.store.popped.among(keys, how))
  }

  update(mailbox: MailboxId, change: MaildropChange, signal: AbortSignal): Promise<void> {
    const { book, closing } = this.#options
    const both = AbortSignal.any([signal, closing])
    return this.#speaking(async () => {
      if (change.deleted.length > 0) await this.#dispose(mailbox, change.deleted, both)
      // Gmail first: what is remembered as done must have been done.
      await book.store.popped.add(change)
    }, signal)
  }

  prefetch(keys: readonly MessageKey[]): void {
    this.#options.prefetcher.start(keys)
  }

  async #dispose(mailbox: MailboxId, keys: readonly MessageKey[], signal: AbortSignal): Promise<void> {
    const { book, gmail, hand, onChange } = this.#options
    const call = { lane: 'person', cause: 'pop', signal } as const
    const disposition = this.#options.disposition ?? (await dispositionAt(gmail, call))
    if (disposition === 'markRead') {
      const change = { mode: 'add', bits: FlagBit.seen, keywords: [] } as const
      await hand.changeFlags(mailbox, keys, change, signal)
      return
    }
    const label = book.mailboxes.get(mailbox)?.labelId
    if (label === undefined) throw new MailError('nonexistent', 'There is no such mailbox any more')
    const labels = labelsOf(disposition, label)
    if (labels.add.length + labels.remove.length === 0) return
    const rows = await rowsOf(book.store, keys)
    try {
      await this.#relabel(
        rows.map(({ messageId }) => messageId),
        labels,
        signal,
      )
    } finally {
      onChange()
    }
  }

  /** In one call where it can be. A message that is gone makes Gmail refuse the whole: then the others are found by halves. */
  async #relabel(
    ids: readonly MessageId[],
    labels: { readonly add: readonly LabelId[]; readonly remove: readonly LabelId[] },
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#options.gmail.modify(ids, labels, { lane: 'person', cause: 'pop', signal })
    } catch (error) {
      if (!(error instanceof GmailError) || error.kind !== 'not-found') throw error
      if (ids.length === 1) return
      const half = Math.ceil(ids.length / 2)
      await this.#relabel(ids.slice(0, half), labels, signal)
      await this.#relabel(ids.slice(half), labels, signal)
    }
  }

  /** Throws what the front doors understand. */
  async #speaking<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { closing, onTrouble } = this.#options
    try {
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      if (closing.aborted) throw new MailError('unavailable', 'Postern is shutting down', { cause: error })
      onTrouble(error)
      throw mailError(error)
    }
  }
}

/** Where the setting is not to be had: what Gmail does unless told otherwise, which changes nothing. */
async function dispositionAt(gmail: Gmail, call: CallOptions): Promise<Disposition> {
  try {
    return (await gmail.popSettings(call)).disposition
  } catch (error) {
    if (isNotServed(error)) return 'leaveInInbox'
    throw error
  }
}
