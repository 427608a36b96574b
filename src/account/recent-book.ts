import type { MailboxId } from '#mail/ids.ts'
import type { Recents } from '#mail/recent.ts'
import type { Book } from './book.ts'

/** Of one mailbox; of more the oldest are taken for told. */
const limit = 10_000

/**
 * The messages that came while this process runs and that no session was told of. What a first listing finds was there
 * before, and what came before a restart counts as told: \Recent is gone from RFC 9051, and not worth a write.
 */
export class RecentBook implements Recents {
  readonly #whole: Set<MailboxId>
  readonly #untold = new Map<MailboxId, readonly number[]>()

  constructor(book: Pick<Book, 'onCommit' | 'mailboxes'>) {
    this.#whole = new Set([...book.mailboxes.values()].filter(({ whole }) => whole).map(({ id }) => id))
    book.onCommit(({ changes }, { mailboxes = [] }) => {
      for (const [mailbox, { joined, left }] of changes) {
        if (!this.#whole.has(mailbox) || joined.length + left.size === 0) continue
        const gone: ReadonlySet<number> = left
        const uids = [...this.of(mailbox), ...joined.map(({ uid }) => uid)]
        this.#keep(mailbox, uids.filter((uid) => !gone.has(uid)).slice(-limit))
      }
      for (const { id, whole, gone } of mailboxes) {
        if (whole && !gone) this.#whole.add(id)
        else this.#forget(id)
      }
    })
  }

  of(mailbox: MailboxId): readonly number[] {
    return this.#untold.get(mailbox) ?? []
  }

  told(mailbox: MailboxId, below: number): void {
    const untold = this.#untold.get(mailbox)
    if (untold !== undefined)
      this.#keep(
        mailbox,
        untold.filter((uid) => uid >= below),
      )
  }

  #keep(mailbox: MailboxId, uids: readonly number[]): void {
    if (uids.length === 0) this.#untold.delete(mailbox)
    else this.#untold.set(mailbox, uids)
  }

  #forget(mailbox: MailboxId): void {
    this.#whole.delete(mailbox)
    this.#untold.delete(mailbox)
  }
}
