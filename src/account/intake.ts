import { canonicalLineEnds } from '#mail/mime/line-ends.ts'
import { summarise } from '#mail/mime/summarise.ts'
import { sieveOf } from '#mail/mime/text-sieve.ts'
import type { MessageSummary } from '#mail/mime/summary.ts'
import type { CallOptions, Gmail, RawMessage } from '#gmail/gmail.ts'
import type { AccountId, MessageId, MessageKey } from '#mail/ids.ts'
import type { Log } from '#mail/surroundings.ts'
import type { MessageContent } from '#store/store.ts'
import type { Book } from './book.ts'
import type { AccountSieves } from './cache/account-sieves.ts'
import type { MessageCache } from './cache/message-cache.ts'

/** A message as it came from its one raw get; `bytes` as clients shall have them. */
export interface Fetched extends Omit<RawMessage, 'bytes'> {
  readonly bytes: Buffer
  readonly summary: MessageSummary
  readonly header: Buffer
}

interface Held {
  readonly fetched: Fetched
  kept: Promise<void> | undefined
  isKept: boolean
  /** It was there when it was looked at last: next time it goes. */
  isOld?: boolean
}

/** A message that waits for its commit. */
interface Waiting {
  readonly key: MessageKey
  readonly fetched: Fetched
  readonly sieve: Buffer | undefined
  resolve(): void
  reject(reason: unknown): void
}

/** Messages that are stored already stay at hand for a moment, so that a reader who just missed the commit asks nobody. */
const handOverBytes = 8 * 1024 * 1024
const handOverMessages = 64
/** The moment is one to two of these: what stays longer is the cache's, whose memory is an operator's to choose. */
const handOverMs = 5000
/** Messages whose content is committed together, and how long the first of them waits. */
const commitMessages = 64
const commitWaitMs = 5

/** The one way in for messages: each is got once, whoever wants it, put in the cache and then in the store. */
export class Intake {
  readonly #account: AccountId
  readonly #gmail: Gmail
  readonly #cache: MessageCache
  readonly #book: Book
  readonly #sieves: Pick<AccountSieves, 'keepIfFree'>
  readonly #log: Log
  readonly #held = new Map<MessageId, Held>()
  readonly #waiting: Waiting[] = []
  readonly #working = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #ageing: NodeJS.Timeout | undefined

  /** What is read is likely to be searched: its sieves go into `sieves` too. */
  constructor(options: {
    account: AccountId
    gmail: Gmail
    cache: MessageCache
    book: Book
    sieves: Pick<AccountSieves, 'keepIfFree'>
    log: Log
  }) {
    this.#account = options.account
    this.#gmail = options.gmail
    this.#cache = options.cache
    this.#book = options.book
    this.#sieves = options.sieves
    this.#log = options.log
  }

  /** The message if it came a moment ago. */
  atHand(id: MessageId): Fetched | undefined {
    return this.#held.get(id)?.fetched
  }

  /** Throws GmailError `not-found` for a message that is gone, and what else `rawMessage` throws. Its labels may be older. */
  async fetch(id: MessageId, call: CallOptions): Promise<Fetched> {
    return this.#held.get(id)?.fetched ?? this.#got(await this.#gmail.rawMessage(id, call))
  }

  /** As `fetch`, but with the labels of now, whatever is at hand. */
  async fetchAnew(id: MessageId, call: CallOptions): Promise<Fetched> {
    const raw = await this.#gmail.rawMessage(id, call)
    return { ...this.#got(raw), labelIds: raw.labelIds }
  }

  #got(raw: RawMessage): Fetched {
    const arrived = this.#held.get(raw.id)
    if (arrived !== undefined) return arrived.fetched
    const bytes = canonicalLineEnds(raw.bytes)
    const fetched = { ...raw, bytes, ...summarise(bytes) }
    this.#held.set(raw.id, { fetched, kept: undefined, isKept: true })
    this.#letGo()
    return fetched
  }

  /** Cache first, then the store: a message that counts as read has its bytes. Resolves when both have it. */
  keep(key: MessageKey, fetched: Fetched): Promise<void> {
    const held = this.#held.get(fetched.id) ?? { fetched, kept: undefined, isKept: true }
    if (held.kept !== undefined) return held.kept
    held.isKept = false
    this.#held.set(fetched.id, held)
    const kept = this.#store(key, fetched).finally(() => {
      held.isKept = true
      this.#working.delete(kept)
      this.#letGo()
    })
    held.kept = kept
    this.#working.add(kept)
    // A second reader of the same message may not look at this promise; the first always does.
    kept.catch(() => {
      held.kept = undefined
    })
    return kept
  }

  /** Keeps without anybody waiting for it. */
  keepAside(key: MessageKey, fetched: Fetched): void {
    this.keep(key, fetched).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'A message that was read could not be kept')
    })
  }

  /** Only the bytes: what is derived from them is stored already. */
  keepBytes(fetched: Fetched): void {
    const put = this.#putBytes(fetched).finally(() => this.#working.delete(put))
    this.#working.add(put)
  }

  /** Resolves when all that came is stored. */
  async settled(): Promise<void> {
    this.#flush()
    await Promise.allSettled(this.#working)
  }

  async #store(key: MessageKey, fetched: Fetched): Promise<void> {
    await this.#putBytes(fetched)
    const sieve = sieveOf(fetched.bytes)
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ key, fetched, sieve, resolve, reject })
      if (this.#waiting.length >= commitMessages) this.#flush()
      else this.#timer ??= setTimeout(() => this.#flush(), commitWaitMs)
    })
  }

  async #putBytes({ id, bytes }: Fetched): Promise<void> {
    await this.#cache.put(this.#account, id, bytes)
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const batch = this.#waiting.splice(0)
    if (batch.length === 0) return
    void this.#commit(batch)
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#book.write((entry) => {
        for (const { key, fetched, sieve } of batch) entry.addContent({ ...contentOf(key, fetched), sieve })
      })
      for (const waiting of batch) {
        if (waiting.sieve !== undefined) this.#sieves.keepIfFree(waiting.key, waiting.sieve)
        waiting.resolve()
      }
    } catch (error) {
      for (const waiting of batch) waiting.reject(error)
    }
  }

  /** What has been at hand for its moment goes, too. */
  #age(): void {
    if (this.#ageing !== undefined) return
    this.#ageing = setTimeout(() => {
      this.#ageing = undefined
      for (const [id, held] of this.#held)
        if (held.isKept && held.isOld === true) this.#held.delete(id)
        else held.isOld = true
      if (this.#held.size > 0) this.#age()
    }, handOverMs).unref()
  }

  #letGo(): void {
    this.#age()
    let messages = 0
    let bytes = 0
    const kept = [...this.#held].filter(([, { isKept }]) => isKept)
    for (const [id, { fetched }] of kept.toReversed()) {
      messages++
      bytes += fetched.bytes.length
      if (messages > handOverMessages || (bytes > handOverBytes && messages > 1)) this.#held.delete(id)
    }
  }
}

function contentOf(
  key: MessageKey,
  { internalDate, bytes, snippet, summary, header }: Fetched,
): MessageContent {
  return { key, internalDate, sizeBytes: bytes.length, snippet, summary, header }
}
