import type { MailboxId, MessageKey } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Book } from './book.ts'
import { bitLabels } from './label-rules.ts'
import { breathe, placesOf, readMemberships } from './present.ts'
import { rowsOf } from './records.ts'
import { labelReader, Settler } from './settle.ts'

/** While nobody looks, it is written when none came for so long: who flags a thousand goes on to the next. */
const restMs = 200
/** And after so long in any case. */
const payWithinMs = 2000
/** Some milliseconds. */
const messagesPerCommit = 500

export interface OwedPlacesOptions {
  readonly book: Book
  readonly clock: Clock
  readonly log: Log
  /** Whether somebody has the mailbox open. */
  readonly isOpen: (mailbox: MailboxId) => boolean
}

/**
 * Messages that got or lost a flag that is a mailbox too (Starred, Important) and are not in it yet, or in it still: nobody who
 * flags a thousand messages waits for a thousand UIDs. Whoever looks at such a mailbox finds it paid. What a kill leaves
 * unpaid, history tells again: the store's history id is older than the flag. Decision 15.
 */
export class OwedPlaces {
  readonly #options: OwedPlacesOptions
  readonly #owed = new Set<MessageKey>()
  #waits = false
  #owedAtMs = 0
  #paying: Promise<void> | undefined

  constructor(options: OwedPlacesOptions) {
    this.#options = options
  }

  /** The flags of these messages are committed. */
  owe(keys: Iterable<MessageKey>): void {
    for (const key of keys) this.#owed.add(key)
    if (this.#owed.size === 0) return
    this.#owedAtMs = this.#options.clock.monotonicMs()
    if (this.#mailboxes().some((mailbox) => this.#options.isOpen(mailbox))) void this.#payQuietly()
    else void this.#payLater()
  }

  /** Resolves when the mailbox shows all flags that were committed before. Throws StoreError. */
  async paid(mailbox: MailboxId): Promise<void> {
    if (this.#mailboxes().includes(mailbox)) await this.settled()
  }

  /** Pays everything. Throws StoreError. */
  async settled(): Promise<void> {
    while (this.#owed.size > 0 || this.#paying !== undefined) await this.#pay()
  }

  async #payLater(): Promise<void> {
    if (this.#waits) return
    this.#waits = true
    const { clock } = this.#options
    const last = clock.monotonicMs() + payWithinMs
    for (let left = restMs; left > 0;) {
      await clock.sleep(left)
      const now = clock.monotonicMs()
      left = Math.min(last, this.#owedAtMs + restMs) - now
    }
    this.#waits = false
    await this.#payQuietly()
  }

  /** What cannot be written is still owed: to the next who looks, or to history. */
  async #payQuietly(): Promise<void> {
    try {
      await this.#pay()
    } catch (error) {
      this.#options.log.warn({ err: error }, 'Mailboxes of flags cannot be brought up to date now')
    }
  }

  #pay(): Promise<void> {
    this.#paying ??= this.#payAll().finally(() => {
      this.#paying = undefined
    })
    return this.#paying
  }

  async #payAll(): Promise<void> {
    while (this.#owed.size > 0) {
      await this.#paySlice([...this.#owed.values().take(messagesPerCommit)])
      await breathe()
    }
  }

  async #paySlice(keys: readonly MessageKey[]): Promise<void> {
    const { book } = this.#options
    await book.write(async (entry) => {
      const rows = await rowsOf(book.store, keys)
      const membershipsOf = await readMemberships(book.store, keys)
      const places = placesOf(book)
      const settler = new Settler(entry, places)
      const labelsOf = labelReader(places)
      for (const message of rows) {
        const present = { message, memberships: membershipsOf(message.key) }
        settler.settle(message, labelsOf(present), present)
      }
      // A flag that changes from here on is committed after this.
      for (const key of keys) this.#owed.delete(key)
    })
  }

  #mailboxes(): MailboxId[] {
    return bitLabels.flatMap(({ label }) => this.#options.book.mailboxOf(label)?.id ?? [])
  }
}
