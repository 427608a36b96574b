import type { MailboxId } from '#mail/ids.ts'
import type { SaveDates } from '#mail/save-dates.ts'
import type { AccountStore } from '#store/store.ts'
import type { Book } from './book.ts'

interface Sources extends Pick<Book, 'onCommit'> {
  readonly store: Pick<AccountStore, 'saveDates'>
}

/** Of all mailboxes together; about 20 octets each. */
const runsLimit = 50_000

/** When messages came into the mailboxes that somebody asks about, kept until more come: a client asks with each FETCH. */
export class SaveDateBook {
  readonly #book: Sources
  /** Asked for last comes last. */
  readonly #known = new Map<MailboxId, SaveDates>()
  #runs = 0
  /** Changes with every commit after which what was read before is out of date. */
  #drops = 0

  constructor(book: Sources) {
    this.#book = book
    book.onCommit((_entry, { join = [], saved = [], dropMailboxes = [] }) => {
      if (join.length + saved.length + dropMailboxes.length === 0) return
      this.#drops++
      for (const { mailbox } of join) this.#forget(mailbox)
      for (const { mailbox } of saved) this.#forget(mailbox)
      for (const mailbox of dropMailboxes) this.#forget(mailbox)
    })
  }

  async of(mailbox: MailboxId): Promise<SaveDates> {
    const known = this.#known.get(mailbox)
    if (known !== undefined) {
      this.#known.delete(mailbox)
      this.#known.set(mailbox, known)
      return known
    }
    const drops = this.#drops
    const read = await this.#book.store.saveDates(mailbox)
    if (drops === this.#drops) this.#remember(mailbox, read)
    return read
  }

  #remember(mailbox: MailboxId, dates: SaveDates): void {
    this.#forget(mailbox)
    if (dates.uids.length > runsLimit) return
    this.#known.set(mailbox, dates)
    this.#runs += dates.uids.length
    for (const first of this.#known.keys()) {
      if (this.#runs <= runsLimit) return
      this.#forget(first)
    }
  }

  #forget(mailbox: MailboxId): void {
    this.#runs -= this.#known.get(mailbox)?.uids.length ?? 0
    this.#known.delete(mailbox)
  }
}
