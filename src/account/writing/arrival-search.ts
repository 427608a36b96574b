import { createHash } from 'node:crypto'
import { GmailError } from '#gmail/gmail.ts'
import type { CallOptions, Gmail, HistoryPage, StoredMessage } from '#gmail/gmail.ts'
import type { MessageId, MessageKey } from '#mail/ids.ts'
import { canonicalLineEnds } from '#mail/mime/line-ends.ts'
import type { Clock } from '#mail/surroundings.ts'
import type { Book } from '../book.ts'

/** Where the account stood before a message was put in: what came later may be it. */
export interface Before {
  readonly historyId: bigint
  readonly nextKey: MessageKey
  /** Monotonic, milliseconds. */
  readonly at: number
}

/** Arrivals looked at, the newest first; each is one get. */
const candidateLimit = 20
const pageLimit = 20
const memoryLimit = 100
/** A client that tries again does so by then; later the same octets are another message. */
const doubtMs = 15 * 60_000

/**
 * Answers that were lost: whether Gmail put a message in. Search by Message-ID lags behind (fact sheet section 7, quirk
 * 13), so history is read since the moment before, and arrivals are compared octet by octet.
 */
export class ArrivalSearch {
  readonly #book: Book
  readonly #gmail: Pick<Gmail, 'history' | 'rawMessage'>
  readonly #clock: Clock
  /** Messages that an answer or a search has settled: nobody else's. */
  readonly #claimed = new Set<MessageId>()
  readonly #doubts = new Map<string, Before>()

  constructor(options: { book: Book; gmail: Pick<Gmail, 'history' | 'rawMessage'>; clock: Clock }) {
    this.#book = options.book
    this.#clock = options.clock
    this.#gmail = options.gmail
  }

  /** Undefined before the first sync began. */
  now(): Before | undefined {
    const { historyId, nextKey } = this.#book.sync
    return historyId === undefined ? undefined : { historyId, nextKey, at: this.#clock.monotonicMs() }
  }

  claim(id: MessageId): void {
    this.#claimed.add(id)
    keepNewest(this.#claimed)
  }

  /** It is not known whether these octets were put in. */
  doubt(bytes: Buffer, before: Before): void {
    const digest = digestOf(bytes)
    if (!this.#doubts.has(digest)) this.#doubts.set(digest, before)
    keepNewest(this.#doubts)
  }

  /** When octets like these were put in with an answer that was lost and has not been found since. */
  doubtOf(bytes: Buffer): Before | undefined {
    if (this.#doubts.size === 0) return undefined
    const digest = digestOf(bytes)
    const before = this.#doubts.get(digest)
    if (before !== undefined && this.#clock.monotonicMs() - before.at < doubtMs) return before
    this.#doubts.delete(digest)
    return undefined
  }

  settled(bytes: Buffer): void {
    if (this.#doubts.size > 0) this.#doubts.delete(digestOf(bytes))
  }

  /** The message that came since and has these octets; none where Gmail has forgotten the history. Throws what Gmail's functions throw. 2 units and 20 for each arrival. */
  async find(bytes: Buffer, before: Before, call: CallOptions): Promise<StoredMessage | undefined> {
    const arrivals = await this.#arrivals(before, call)
    const known = await this.#book.store.messagesById([...arrivals.keys()])
    const candidates = [...arrivals.values()].toReversed().filter(({ id }) => {
      const row = known.get(id)
      return !this.#claimed.has(id) && (row === undefined || row.key >= before.nextKey)
    })
    for (const { id, threadId } of candidates.slice(0, candidateLimit)) {
      try {
        const raw = await this.#gmail.rawMessage(id, call)
        if (!canonicalLineEnds(raw.bytes).equals(bytes) || this.#claimed.has(id)) continue
        this.claim(id)
        return { id, threadId, labelIds: raw.labelIds }
      } catch (error) {
        if (!(error instanceof GmailError) || error.kind !== 'not-found') throw error
      }
    }
    return undefined
  }

  async #arrivals(
    { historyId }: Before,
    call: CallOptions,
  ): Promise<Map<MessageId, Omit<StoredMessage, 'labelIds'>>> {
    const arrivals = new Map<MessageId, Omit<StoredMessage, 'labelIds'>>()
    let token: string | undefined
    for (let pages = 0; pages < pageLimit; pages++) {
      const page = await this.#page(historyId, token, call)
      if (page === undefined) break
      const { events, nextPageToken } = page
      for (const { kind, message } of events) {
        if (kind === 'added') arrivals.set(message.id, message)
        else if (kind === 'deleted') arrivals.delete(message.id)
      }
      if (nextPageToken === undefined) break
      token = nextPageToken
    }
    return arrivals
  }

  async #page(start: bigint, token: string | undefined, call: CallOptions): Promise<HistoryPage | undefined> {
    try {
      return await this.#gmail.history(start, token, call)
    } catch (error) {
      if (error instanceof GmailError && error.kind === 'history-expired') return undefined
      throw error
    }
  }
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64')
}

function keepNewest(collection: Set<MessageId> | Map<string, Before>): void {
  for (const oldest of collection.keys()) {
    if (collection.size <= memoryLimit) return
    collection.delete(oldest as MessageId)
  }
}
