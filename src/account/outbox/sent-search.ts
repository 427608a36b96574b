import { GmailError } from '#gmail/gmail.ts'
import type { CallOptions, Gmail } from '#gmail/gmail.ts'
import { labelId } from '#mail/ids.ts'
import type { MessageId } from '#mail/ids.ts'
import type { SendStore } from '#store/sends.ts'
import { likenessOf } from './likeness.ts'
import type { Likeness } from './likeness.ts'

const sentLabel = labelId('SENT')
/** A history with more than this since one sending is not ours to walk. */
const pageLimit = 20
/** The newest of what entered SENT; each costs 20 units. */
const candidateLimit = 50

/**
 * Looks for a message among what entered SENT since a moment in the history, since Gmail gives it another Message-ID and
 * no key of ours. One search may look again and again; it reads no message twice.
 */
export class SentSearch {
  readonly #gmail: Gmail
  readonly #sends: SendStore
  readonly #key: Buffer
  readonly #since: bigint | undefined
  readonly #wanted: Likeness
  readonly #read = new Map<MessageId, Likeness>()

  constructor(options: {
    gmail: Gmail
    sends: SendStore
    key: Buffer
    since: bigint | undefined
    bytes: Buffer
  }) {
    this.#gmail = options.gmail
    this.#sends = options.sends
    this.#key = options.key
    this.#since = options.since
    this.#wanted = likenessOf(options.bytes)
  }

  /** Throws what Gmail's functions throw. 2 units, and 20 for each message that is new there. */
  async look(call: CallOptions): Promise<MessageId | undefined> {
    const ids = await this.#entered(call)
    const claimed = await this.#sends.claimed(ids)
    const free = ids.filter((id) => !claimed.has(id)).slice(-candidateLimit)
    for (const id of free) if (!this.#read.has(id)) await this.#readOne(id, call)
    const { header, bcc, body } = this.#wanted
    const alike = free.filter((id) => this.#read.get(id)?.header === header)
    // That Gmail keeps Bcc in the sender's copy is not established (fact sheet section 2.6): none is no difference.
    const same = alike.find((id) => {
      const one = this.#read.get(id)
      return one?.body === body && (one.bcc === bcc || one.bcc === '')
    })
    if (same !== undefined) return same
    // Gmail may have rebuilt the body (fact sheet section 2.6). Recipients, Subject and Date to the second are proof
    // enough as long as no other message of ours is in doubt.
    const [only, another] = alike
    const sure = only !== undefined && another === undefined && (await this.#sends.unsettled(this.#key)) === 0
    return sure ? only : undefined
  }

  async #readOne(id: MessageId, call: CallOptions): Promise<void> {
    try {
      const { bytes } = await this.#gmail.rawMessage(id, call)
      this.#read.set(id, likenessOf(bytes))
    } catch (error) {
      // Told of before it can be read (fact sheet section 2.6), or deleted meanwhile: looked at again next time.
      if (!(error instanceof GmailError) || error.kind !== 'not-found') throw error
    }
  }

  async #entered(call: CallOptions): Promise<MessageId[]> {
    if (this.#since === undefined) return await this.#newest(call)
    const ids = new Set<MessageId>()
    let pageToken: string | undefined
    try {
      for (let page = 0; page < pageLimit; page++) {
        const { events, nextPageToken } = await this.#gmail.history(this.#since, pageToken, call)
        for (const event of events) {
          const mayBeSent =
            (event.kind === 'added' && event.labelIds?.includes(sentLabel) !== false) ||
            (event.kind === 'labels-added' && event.labelIds?.includes(sentLabel) !== false)
          if (mayBeSent) ids.add(event.message.id)
          if (event.kind === 'deleted') ids.delete(event.message.id)
        }
        if (nextPageToken === undefined) break
        pageToken = nextPageToken
      }
    } catch (error) {
      if (error instanceof GmailError && error.kind === 'history-expired') return await this.#newest(call)
      throw error
    }
    return [...ids]
  }

  /** A page of the newest in SENT, oldest first: most of them are known to be other messages of ours, and are not read. */
  async #newest(call: CallOptions): Promise<MessageId[]> {
    const { messages } = await this.#gmail.listMessages(
      { labelIds: [sentLabel], includeSpamTrash: true },
      call,
    )
    return messages.map(({ id }) => id).toReversed()
  }
}
