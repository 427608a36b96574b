import { MailError } from '#mail/errors.ts'
import type { MailboxId, ModSeq } from '#mail/ids.ts'
import type { MailboxStatus } from '#mail/mailbox.ts'
import type { Book } from './book.ts'

interface Counted {
  readonly highestModSeq: ModSeq
  readonly contents: number
  readonly status: MailboxStatus
}

/** Counts of mailboxes, kept until something in them changes: clients ask for all of them every few minutes. */
export class StatusBook {
  readonly #book: Book
  readonly #counted = new Map<MailboxId, Counted>()
  /** Goes up when messages are read: sizes become known. */
  #contents = 0

  constructor(book: Book) {
    this.#book = book
    book.onCommit((_entry, { content, mailboxes = [] }) => {
      if (content !== undefined) this.#contents++
      for (const { id, gone } of mailboxes) if (gone) this.#counted.delete(id)
    })
  }

  async of(mailbox: MailboxId): Promise<MailboxStatus> {
    const row = this.#book.mailboxes.get(mailbox)
    if (row === undefined || row.gone) throw new MailError('nonexistent', 'There is no such mailbox')
    const { highestModSeq, uidNext, uidValidity } = row
    const contents = this.#contents
    const known = this.#counted.get(mailbox)
    const isCurrent =
      known?.highestModSeq === highestModSeq &&
      (known.contents === contents || known.status.sizeBytes !== undefined)
    if (known !== undefined && isCurrent) return known.status
    const counts = await this.#book.store.count(mailbox)
    const status = { ...counts, uidNext, uidValidity, highestModSeq }
    this.#counted.set(mailbox, { highestModSeq, contents, status })
    return status
  }
}
