import { createHash } from 'node:crypto'
import type { MessageId, MessageKey } from '#mail/ids.ts'
import type { Clock } from '#mail/surroundings.ts'
import type { Book } from '../book.ts'
import { likenessDigest } from '../outbox/likeness.ts'
import type { TakenIn } from './incoming.ts'
import { localFlagsDigest } from './local-flags-digest.ts'

/** How long Gmail may take to tell of a message that it has sent. */
const patienceMs = 10_000

export interface SentCopiesOptions {
  readonly book: Book
  readonly clock: Clock
  /** Gmail's id of what Postern itself sent under this Message-ID, with its angle brackets. */
  readonly sentCopyOf: ((rfcMessageId: string) => Promise<MessageId | undefined>) | undefined
  /** Asks Gmail for news. */
  readonly poke: () => void
}

/** Gmail files what it sends by itself: a client's own copy of that is the same message (peers sheet, trap 4). */
export class SentCopies {
  readonly #options: SentCopiesOptions

  constructor(options: SentCopiesOptions) {
    this.#options = options
  }

  async idOf(rfcMessageId: string | undefined): Promise<MessageId | undefined> {
    return rfcMessageId === undefined ? undefined : await this.#options.sentCopyOf?.(rfcMessageId)
  }

  /**
   * A client put its own copy into Sent: it is never taken for what was sent, and goes when the message is sent after it
   * (SentSweeper). Throws StoreError.
   */
  async note({ incoming: { bytes, mail, summary }, stored }: TakenIn): Promise<void> {
    const { book, clock } = this.#options
    const { rfcMessageId } = summary
    await book.store.sends.copies.note({
      messageId: stored.id,
      messageIdHash:
        rfcMessageId === undefined ? undefined : createHash('sha256').update(rfcMessageId).digest(),
      likeness: likenessDigest(bytes),
      flags: localFlagsDigest(mail),
      at: clock.now(),
    })
  }

  /** Waits until history has told of it; undefined when that takes too long. Throws the signal's reason. */
  async keyOf(id: MessageId, signal: AbortSignal): Promise<MessageKey | undefined> {
    const { book, clock, poke } = this.#options
    const late = new AbortController()
    const settled = new AbortController()
    clock.sleep(patienceMs, settled.signal).then(
      () => late.abort(),
      () => undefined,
    )
    try {
      for (;;) {
        const commit = nextCommit(book, AbortSignal.any([signal, late.signal]))
        const row = (await book.store.messagesById([id])).get(id)
        if (row !== undefined) return row.key
        poke()
        await commit
        signal.throwIfAborted()
        if (late.signal.aborted) return undefined
      }
    } finally {
      settled.abort(new Error('It has been found, or nobody waits'))
    }
  }
}

/** Resolves after the next commit, or when aborted. */
function nextCommit(book: Book, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const finish = () => {
      stop()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const stop = book.onCommit(finish)
    signal.addEventListener('abort', finish, { once: true })
  })
}
