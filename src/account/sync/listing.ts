import { GmailError } from '#gmail/gmail.ts'
import type { Gmail } from '#gmail/gmail.ts'
import type { LabelId } from '#mail/ids.ts'
import type { Log } from '#mail/surroundings.ts'
import type { ListingRow } from '#store/store.ts'
import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'
import { bitLabel, systemLabel } from '../label-rules.ts'
import { breathe } from '../present.ts'
import { listingOrder, listingQuery, prerequisites } from './listing-order.ts'
import { reconcileBits } from './reconcile-bits.ts'
import { reconcileMailbox } from './reconcile-mailbox.ts'
import { nextPhase } from './phase.ts'
import { ShiftedPages } from './shifted-pages.ts'

/** Labels whose pages are fetched at once: a page waits for the one before it, so several labels hide each other's wait. */
const labelsAtOnce = 4
const orphansPerCommit = 500

/** Lists labels page by page and makes the store agree. Goes on where it was after a kill. */
export class Listing {
  readonly #book: Book
  readonly #gmail: Gmail
  readonly #log: Log
  /** A label does not answer as one that exists: labels.list should be read. */
  readonly #onStrangeLabel: (signal: AbortSignal) => Promise<void>
  readonly #urged = new Set<LabelId>()
  readonly #paging = new Set<LabelId>()
  readonly #bitsDone = new Set<LabelId>()
  readonly #shifted: ShiftedPages
  #reconciling: Promise<void> = Promise.resolve()

  constructor(options: {
    book: Book
    gmail: Gmail
    log: Log
    onStrangeLabel: (signal: AbortSignal) => Promise<void>
  }) {
    this.#book = options.book
    this.#gmail = options.gmail
    this.#shifted = new ShiftedPages(options.gmail)
    this.#log = options.log
    this.#onStrangeLabel = options.onStrangeLabel
  }

  /** A client waits for the mailbox of this label. */
  urge(label: LabelId): void {
    this.#urged.add(label)
  }

  /** Works until every listing is done. Throws what Gmail or the store throws; nothing is lost then. */
  async run(signal: AbortSignal): Promise<void> {
    this.#bitsDone.clear()
    this.#shifted.startAgain()
    while ([...this.#book.listings.values()].some(({ stage }) => stage !== 'done')) {
      const stop = new AbortController()
      const both = AbortSignal.any([signal, stop.signal])
      const workers = [this.#reconcile(both), ...Array.from({ length: labelsAtOnce }, () => this.#work(both))]
      try {
        await Promise.all(workers)
      } catch (error) {
        stop.abort(error)
        await Promise.allSettled(workers)
        throw error
      }
    }
    await this.#forgetOrphans(signal)
    await this.#book.write((entry) => entry.setSync({ phase: nextPhase(this.#book.sync.phase, 'listed') }))
    this.#urged.clear()
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const listing = this.#next()
      if (listing === undefined) return
      this.#paging.add(listing.labelId)
      try {
        await this.#page(listing, signal)
      } finally {
        this.#paging.delete(listing.labelId)
      }
      if (this.#book.listings.get(listing.labelId)?.stage === 'reconciling') await this.#reconcile(signal)
    }
  }

  #next(): ListingRow | undefined {
    const { listings } = this.#book
    const label = listingOrder(listings.keys(), this.#urged).find(
      (candidate) => listings.get(candidate)?.stage === 'paging' && !this.#paging.has(candidate),
    )
    return label === undefined ? undefined : listings.get(label)
  }

  async #page(listing: ListingRow, signal: AbortSignal): Promise<void> {
    const { labelId, pageToken } = listing
    if (pageToken === undefined) this.#shifted.begins(labelId)
    const hasChats = (this.#book.listings.get(systemLabel.chat)?.staged ?? 0) > 0
    const call = { lane: 'sync', cause: 'first-sync', signal } as const
    let page
    try {
      page = await this.#gmail.listMessages(listingQuery(listing, hasChats), call)
    } catch (error) {
      if (!(error instanceof GmailError) || !['invalid', 'not-found'].includes(error.kind)) throw error
      await this.#startAgain(listing, error, signal)
      return
    }
    const isLast = page.nextPageToken === undefined
    const start = this.#book.sync.historyId
    if (isLast && pageToken !== undefined && (await this.#shifted.isSuspect(labelId, start, signal))) {
      await this.#book.write((entry) => this.#beginAnew(entry, listing))
      return
    }
    const refs = page.messages.map(({ id, threadId }) => ({ messageId: id, threadId }))
    await this.#book.write((entry) => {
      // The label may have gone while the page was under way.
      if (this.#book.listings.get(labelId) !== listing) return
      entry.stage(labelId, refs)
      entry.setListing({
        labelId,
        pageToken: page.nextPageToken,
        stage: isLast ? 'reconciling' : 'paging',
        staged: listing.staged + refs.length,
      })
    })
  }

  /** A page token may have grown too old; otherwise the label itself is gone. */
  async #startAgain(listing: ListingRow, error: GmailError, signal: AbortSignal): Promise<void> {
    const { labelId, pageToken } = listing
    this.#log.warn({ kind: error.kind, reason: error.reason }, 'Listing a label was refused')
    if (pageToken === undefined) {
      await this.#onStrangeLabel(signal)
      if (this.#book.listings.get(labelId)?.stage === 'paging') throw error
      return
    }
    await this.#book.write((entry) => this.#beginAnew(entry, listing))
    // After the pause that follows a failure, so that a Gmail that refuses every token is not run after.
    throw error
  }

  #beginAnew(entry: Entry, listing: ListingRow): void {
    const { labelId } = listing
    if (this.#book.listings.get(labelId) !== listing) return
    entry.unstage(labelId)
    entry.setListing({ labelId, pageToken: undefined, stage: 'paging', staged: 0 })
  }

  /** One at a time: reconciles what is listed and has what it needs, in order. */
  #reconcile(signal: AbortSignal): Promise<void> {
    const turn = this.#reconciling.then(() => this.#reconcileReady(signal))
    this.#reconciling = turn.catch(() => undefined)
    return turn
  }

  async #reconcileReady(signal: AbortSignal): Promise<void> {
    for (let label = this.#ready(); label !== undefined; label = this.#ready()) {
      signal.throwIfAborted()
      await this.#reconcileLabel(label, signal)
    }
  }

  #ready(): LabelId | undefined {
    const { listings } = this.#book
    return listingOrder(listings.keys(), this.#urged).find((label) => {
      if (listings.get(label)?.stage !== 'reconciling') return false
      return (bitLabel(label) !== undefined && !this.#bitsDone.has(label)) || this.#hasPrerequisites(label)
    })
  }

  #hasPrerequisites(label: LabelId): boolean {
    return prerequisites(label).every((other) => {
      const stage = this.#book.listings.get(other)?.stage
      if (stage === undefined || stage === 'done') return true
      return bitLabel(other) !== undefined && this.#bitsDone.has(other)
    })
  }

  async #reconcileLabel(label: LabelId, signal: AbortSignal): Promise<void> {
    const book = this.#book
    const bit = bitLabel(label)
    if (bit !== undefined && !this.#bitsDone.has(label)) {
      await reconcileBits(book, bit, signal)
      this.#bitsDone.add(label)
      if (!this.#hasPrerequisites(label)) return
    }
    const mailbox = book.mailboxOf(label)
    if (mailbox !== undefined) await reconcileMailbox(book, mailbox, signal)
    await book.write((entry) => {
      const listing = book.listings.get(label)
      if (listing?.stage !== 'reconciling') return
      if (mailbox !== undefined && book.mailboxOf(label)?.id === mailbox.id) entry.setWhole(mailbox.id)
      entry.setListing({ ...listing, pageToken: undefined, stage: 'done' })
      entry.unstage(label)
    })
    this.#urged.delete(label)
  }

  /** Chats, ghosts of flags, and what left its last mailbox while nobody looked. */
  async #forgetOrphans(signal: AbortSignal): Promise<void> {
    for (;;) {
      const forgotten = await this.#book.write(async (entry) => {
        const keys = await this.#book.store.orphans(orphansPerCommit)
        for (const key of keys) entry.forget(key, [])
        return keys.length
      })
      if (forgotten === 0) return
      signal.throwIfAborted()
      await breathe()
    }
  }
}
