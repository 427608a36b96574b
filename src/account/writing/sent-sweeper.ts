import { GmailError } from '#gmail/gmail.ts'
import type { CallOptions, Gmail } from '#gmail/gmail.ts'
import type { LabelId, MessageId } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { SupersededCopy } from '#store/sent-copies.ts'
import type { MessageRow } from '#store/store.ts'
import { Bell } from '../bell.ts'
import type { Book } from '../book.ts'
import { allMail, isHidden, systemLabel } from '../label-rules.ts'
import { likenessDigest } from '../outbox/likeness.ts'
import { placesOf, readPresent } from '../present.ts'
import { EarlierReading } from '../reading.ts'
import { labelsPresent } from '../settle.ts'
import { localFlagsDigest } from './local-flags-digest.ts'
import type { Relabeller } from './relabeller.ts'
import { trashed } from './transfer-rules.ts'

/** A client that files its copy first sends right after it. */
const copyFirstMs = 30 * 60_000
const retryMs = 60_000
/** Somebody rings when there is something to do. */
const restMs = 60 * 60_000
/** By then a copy that was put in is in the store. */
const commitMs = 60_000

export interface SentSweeperOptions {
  readonly book: Book
  readonly gmail: Pick<Gmail, 'rawMessage'>
  readonly relabeller: Relabeller
  readonly clock: Clock
  readonly log: Log
  /** Asks Gmail for news. */
  readonly poke: () => void
}

/**
 * Takes a client's own copy out of Sent when the message was sent after it, so that Gmail filed one too. What is to be done
 * stands in the store, so that it is done after a restart as well; nobody waits for it.
 */
export class SentSweeper {
  readonly #options: SentSweeperOptions
  readonly #bell: Bell
  /** Gmail's own copy is not known yet: the next arrival may be it. */
  #expecting = false

  constructor(options: SentSweeperOptions) {
    this.#options = options
    this.#bell = new Bell(options.clock)
    options.book.onCommit((entry) => {
      if (this.#expecting && entry.joins > 0) this.#bell.ring()
    })
  }

  /** Something was sent, or a copy was put in. */
  ring(): void {
    this.#bell.ring()
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let waitMs = restMs
      try {
        await this.#sweep(signal)
      } catch (error) {
        if (signal.aborted) return
        this.#options.log.warn({ err: error }, "A client's copy in Sent could not be taken away yet")
        waitMs = retryMs
      }
      try {
        await this.#bell.wait(waitMs, signal)
      } catch {
        return
      }
    }
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { book, clock, poke } = this.#options
    const { copies } = book.store.sends
    const superseded = await copies.superseded(copyFirstMs)
    const expected = this.#expecting
    // Before the store is read: what arrives from here on rings.
    this.#expecting = superseded.length > 0
    if (superseded.length === 0) return
    const presentOf = await readPresent(
      book.store,
      superseded.flatMap(({ messageId, sentAs }) => [messageId, sentAs]),
    )
    const places = placesOf(book)
    const labelsOf = (id: MessageId) => labelsPresent(presentOf(id), places)
    let open = 0
    let failure: { readonly reason: unknown } | undefined
    for (const copy of superseded) {
      const known = presentOf(copy.messageId).message !== undefined
      // Sent is never without the message: Gmail's own copy is there first.
      const own = labelsOf(copy.sentAs)
      if (!own.has(systemLabel.sent) || isHidden(own)) open++
      else if (known)
        try {
          await this.#takeAway(copy, labelsOf(copy.messageId), signal)
        } catch (reason) {
          signal.throwIfAborted()
          // One that cannot be taken away does not hold up the others.
          failure = { reason }
        }
      else if (clock.now() - copy.at < commitMs) open++
      // Somebody has deleted it.
      else await copies.settle(copy.messageId)
    }
    this.#expecting = open > 0
    if (open > 0 && !expected) poke()
    if (failure !== undefined) throw failure.reason
  }

  async #takeAway(copy: SupersededCopy, labels: ReadonlySet<LabelId>, signal: AbortSignal): Promise<void> {
    const { book, log } = this.#options
    const call: CallOptions = { lane: 'sync', cause: 'sent-copy', signal }
    const id = copy.messageId
    const row = (await book.store.messagesById([id])).get(id)
    const untouched =
      row !== undefined &&
      copy.flags.equals(localFlagsDigest(row)) &&
      isPlain(labels) &&
      (await this.#isUntouchedAtGmail(copy, call))
    if (untouched) await this.#remove(row, labels, call)
    else log.info({ id }, "A client's copy in Sent was changed or is gone: nothing is taken away")
    await book.store.sends.copies.settle(id)
  }

  /** The store may be older than what the person did at Gmail. 20 units. */
  async #isUntouchedAtGmail({ messageId, likeness }: SupersededCopy, call: CallOptions): Promise<boolean> {
    try {
      const { labelIds, bytes } = await this.#options.gmail.rawMessage(messageId, call)
      return isPlain(new Set(labelIds)) && likenessDigest(bytes).equals(likeness)
    } catch (error) {
      if (error instanceof GmailError && error.kind === 'not-found') return false
      throw error
    }
  }

  async #remove(row: MessageRow, before: ReadonlySet<LabelId>, call: CallOptions): Promise<void> {
    const { relabeller, book } = this.#options
    const reading = EarlierReading.none(book)
    try {
      await relabeller.deleteForEver(reading, [row], call)
    } catch (error) {
      if (!(error instanceof GmailError) || error.kind !== 'forbidden') throw error
      await relabeller.relabel(reading, [{ row, before, after: trashed(before) }], call)
    }
  }
}

/** As a client's copy is when nobody has touched it: in Sent alone, read or not. Categories are Gmail's guess. */
function isPlain(labels: ReadonlySet<LabelId>): boolean {
  const plain = new Set<string>([systemLabel.sent, systemLabel.unread, allMail])
  return (
    labels.has(systemLabel.sent) && [...labels].every((one) => plain.has(one) || one.startsWith('CATEGORY_'))
  )
}
