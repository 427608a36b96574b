import { modSeq } from '#mail/ids.ts'
import type { LabelId, MailboxId } from '#mail/ids.ts'
import type { AccountStore, Changeset, ListingRow, MailboxRow, SyncState } from '#store/store.ts'
import { StoreError } from '#store/store.ts'
import { Entry } from './entry.ts'
import type { Standing } from './entry.ts'

/** Called after a commit, in the same turn; must not throw. */
export type CommitListener = (entry: Entry, changes: Changeset) => void

/**
 * The account's one writer. Entries are composed and committed one after the other: what an entry reads from the store
 * is still so when it is committed. No call to Gmail inside.
 */
export class Book implements Standing {
  readonly store: AccountStore
  readonly #mailboxes = new Map<MailboxId, MailboxRow>()
  readonly #byLabel = new Map<LabelId, MailboxRow>()
  readonly #listings = new Map<LabelId, ListingRow>()
  readonly #listeners = new Set<CommitListener>()
  #sync: SyncState
  #labels: Standing['labels']
  #edition = 0
  #tail: Promise<unknown> = Promise.resolve()
  /** An entry that the store could not confirm: it may be on the disk or not. */
  #inDoubt: { readonly entry: Entry; readonly changes: Changeset } | undefined

  private constructor(
    store: AccountStore,
    sync: SyncState,
    labels: Standing['labels'],
    mailboxes: readonly MailboxRow[],
    listings: readonly ListingRow[],
  ) {
    this.store = store
    this.#sync = sync
    this.#labels = labels
    this.#take({ mailboxes, listings })
  }

  /**
   * MODSEQs go on from `nowMs` (epoch milliseconds), or from the last: those that a power cut took away with their commits are below, as there are not
   * more commits than milliseconds. docs/decisions/0014-flags-do-not-wait.md.
   */
  static async open(store: AccountStore, nowMs: number): Promise<Book> {
    const [known, labels, mailboxes, listings] = await Promise.all([
      store.sync(),
      store.labels(),
      store.mailboxes(),
      store.listings(),
    ])
    const sync = { ...known, modSeq: modSeq(Math.max(known.modSeq, Math.floor(nowMs))) }
    return new Book(store, sync, labels, mailboxes, listings)
  }

  get sync(): SyncState {
    return this.#sync
  }

  get labels(): Standing['labels'] {
    return this.#labels
  }

  get mailboxes(): ReadonlyMap<MailboxId, MailboxRow> {
    return this.#mailboxes
  }

  get listings(): ReadonlyMap<LabelId, ListingRow> {
    return this.#listings
  }

  /** Goes up with every commit that changes what messages are like or where they are. */
  get edition(): number {
    return this.#edition
  }

  /** The mailbox of a label that exists. */
  mailboxOf(label: LabelId): MailboxRow | undefined {
    return this.#byLabel.get(label)
  }

  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Waits for its turn, composes, commits, publishes. Nothing has happened when it throws, unless the StoreError is in doubt: then
   * whoever is next commits it again first, which changes nothing where it was done, so that all build on the same.
   */
  write<T>(compose: (entry: Entry) => T | Promise<T>): Promise<T> {
    return this.alone(async () => {
      // Other accounts of the house may have raised the mark.
      const { uidValidityMark } = this.store
      if (uidValidityMark !== this.#sync.uidValidityMark) this.#sync = { ...this.#sync, uidValidityMark }
      const entry = new Entry(this)
      const result = await compose(entry)
      const changes = entry.changeset()
      if (changes !== undefined) await this.#commit(entry, changes)
      return result
    })
  }

  /** Runs while nothing is written. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(async () => {
      if (this.#inDoubt !== undefined) await this.#commit(this.#inDoubt.entry, this.#inDoubt.changes)
      return await work()
    })
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  async #commit(entry: Entry, changes: Changeset): Promise<void> {
    try {
      await this.store.commit(changes)
    } catch (error) {
      if (error instanceof StoreError && error.inDoubt) this.#inDoubt = { entry, changes }
      throw error
    }
    this.#inDoubt = undefined
    if (entry.touchesMessages) this.#edition += 1
    this.#take(changes)
    for (const listener of this.#listeners) listener(entry, changes)
  }

  #take({ sync, labels, mailboxes = [], listings = [] }: Changeset): void {
    if (sync !== undefined) this.#sync = { ...this.#sync, ...sync }
    if (labels !== undefined) this.#labels = labels
    for (const row of mailboxes) {
      this.#mailboxes.set(row.id, row)
      if (!row.gone) this.#byLabel.set(row.labelId, row)
      else if (this.#byLabel.get(row.labelId)?.id === row.id) this.#byLabel.delete(row.labelId)
    }
    for (const row of listings) this.#listings.set(row.labelId, row)
  }
}
