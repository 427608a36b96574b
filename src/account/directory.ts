import type { Mailbox } from '#mail/mailbox.ts'
import type { MailboxRow } from '#store/store.ts'
import type { Book } from './book.ts'
import { nameMailboxes } from './mailbox-names.ts'
import type { NamingOptions } from './mailbox-names.ts'
import type { Subscriptions } from './writing/subscriptions.ts'

/** The account's mailboxes by name. Made again when labels or mailboxes change. */
export class Directory {
  readonly #book: Book
  readonly #naming: NamingOptions
  readonly #subscriptions: Subscriptions
  readonly #listeners: (() => void)[] = []
  #names: readonly Mailbox[] | undefined

  constructor(options: { book: Book; naming: NamingOptions; subscriptions: Subscriptions }) {
    this.#book = options.book
    this.#naming = options.naming
    this.#subscriptions = options.subscriptions
    this.#book.onCommit((_entry, { labels, mailboxes }) => {
      if (labels === undefined && mailboxes?.some((row) => this.#isRenaming(row)) !== true) return
      this.#names = undefined
      for (const listener of this.#listeners) listener()
    })
  }

  /** Calls back after a commit that may have changed a name or a subscription; must not throw. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Sorted by name. */
  all(): readonly Mailbox[] {
    this.#names ??= nameMailboxes(this.#book.labels, [...this.#book.mailboxes.values()], this.#naming)
    return this.#subscriptions.appliedTo(this.#names)
  }

  /** Names are compared as they are, INBOX without regard to letter case. */
  find(name: string): Mailbox | undefined {
    const wanted = name.toUpperCase() === 'INBOX' ? 'INBOX' : name
    return this.all().find((one) => one.name === wanted)
  }

  /** Most commits change counters only. */
  #isRenaming(row: MailboxRow): boolean {
    const named = this.#names?.find(({ id }) => id === row.id)
    return named === undefined ? !row.gone : row.gone || named.subscribed !== row.subscribed
  }
}
