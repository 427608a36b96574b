import type { MailstoreNews, CountsChange } from '#mail/mailstore-news.ts'
import type { MailboxId } from '#mail/ids.ts'
import type { Changeset } from '#store/store.ts'
import type { Book } from './book.ts'
import type { Directory } from './directory.ts'
import type { Entry } from './entry.ts'

/** How old the names of mailboxes may get while somebody wants to hear of them: Gmail's history does not tell them. */
const lookEveryMs = 60_000

type StatusListener = (mailbox: MailboxId, change: CountsChange) => void

/** Tells sessions that something changed in any mailbox; what it is they see for themselves. */
export class News implements MailstoreNews {
  readonly #status = new Set<StatusListener>()
  readonly #mailboxes = new Set<() => void>()
  /** Has the labels read again if they are old. */
  readonly #look: () => void
  #looking: NodeJS.Timeout | undefined

  constructor({ book, directory, look }: { book: Book; directory: Directory; look: () => void }) {
    this.#look = look
    book.onCommit((entry, changes) => {
      if (this.#status.size > 0) this.#tellStatus(entry, changes)
    })
    directory.onChange(() => this.mailboxesChanged())
  }

  onStatus(listener: StatusListener): () => void {
    const own: StatusListener = (mailbox, change) => listener(mailbox, change)
    this.#status.add(own)
    return () => this.#status.delete(own)
  }

  onMailboxes(listener: () => void): () => void {
    const own = () => listener()
    this.#mailboxes.add(own)
    this.#looking ??= setInterval(this.#look, lookEveryMs).unref()
    return () => {
      this.#mailboxes.delete(own)
      if (this.#mailboxes.size > 0) return
      clearInterval(this.#looking)
      this.#looking = undefined
    }
  }

  /** Also for names that have no mailbox. */
  mailboxesChanged(): void {
    for (const listener of this.#mailboxes) listener()
  }

  #tellStatus(entry: Entry, { mailboxes = [] }: Changeset): void {
    for (const { id, gone, whole } of mailboxes) {
      const change = entry.changes.get(id)
      if (gone || !whole || change === undefined) continue
      const what = change.joined.length > 0 || change.left.size > 0 ? 'messages' : 'flags'
      for (const listener of this.#status) listener(id, what)
    }
  }
}
