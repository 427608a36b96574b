import type { MessageRecord } from '#mail/mailstore.ts'
import type { Selected } from '../command.ts'
import { Places } from '../places.ts'
import { baseSubject } from '../sort/base-subject.ts'
import { collationKey } from '../sort/collation.ts'
import { sentOrArrived } from '../sort/criterion.ts'
import type { Turn } from '#wire/turn.ts'

/** What threads are made from: one message. */
export interface Letter {
  /** Index into the view. */
  readonly index: number
  /** Epoch milliseconds. */
  readonly sent: number
  /** The base subject, as it is compared. */
  readonly subject: string
  /** A reply or a forward, by its subject. */
  readonly isReply: boolean
  /** Its Message-ID, as a number from an IdBook; -1 without one. */
  readonly id: number
  /** The ids that it refers to, the oldest first. */
  readonly references: readonly number[]
}

/** No line of a message may be longer (RFC 5322 section 2.1.1), so no id is. */
const longestId = 998
/** Of more references the first and the last are used: those in between say where it hangs, not what it belongs to. */
const referenceLimit = 100
/** Ids that are not those of messages here; a mailbox has few of them, a hostile one a million. */
const strangerLimit = 20_000

/** Message ids as small numbers. What is named beyond a bound is not noted. */
export class IdBook {
  readonly #numbers = new Map<string, number>()
  readonly #limit: number

  constructor(messages: number) {
    this.#limit = 4 * messages + strangerLimit
  }

  get size(): number {
    return this.#numbers.size
  }

  /** The number of an id; -1 for one that cannot be used. */
  numberOf(id: string, always: boolean): number {
    if (id.length > longestId) return -1
    const name = normalised(id)
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    if (!always && this.#numbers.size >= this.#limit) return -1
    const number = this.#numbers.size
    this.#numbers.set(name, number)
    return number
  }
}

/** `<"a b"@c>` and `<"a"@c>`: quotes do not belong to an id. RFC 5256 section 3, REFERENCES. */
function normalised(id: string): string {
  return id.includes('"') ? id.replaceAll(/"|\\(?=.)/g, '') : id
}

/** The messages at these indexes that are still there, in the order of the view. Throws MailError. */
export async function readLetters(
  { view, mailstore, signal, progress }: Selected,
  indexes: Uint32Array,
  turn: Turn,
): Promise<{ letters: Letter[]; ids: IdBook }> {
  const places = new Places(view.told, indexes)
  const ids = new IdBook(indexes.length)
  const letters: Letter[] = []
  if (progress !== undefined) {
    progress.done = 0
    progress.total = indexes.length
  }
  for await (const batch of mailstore.records(places.keys, 'summary', signal)) {
    for (const record of batch)
      for (const index of places.of(record.key)) letters.push(letter(index, record, ids))
    if (progress !== undefined) progress.done = letters.length
    if (turn.over) await turn.next(signal)
  }
  return { letters: letters.sort((a, b) => a.index - b.index), ids }
}

function letter(index: number, { internalDate, summary }: MessageRecord, ids: IdBook): Letter {
  const { text, isReply } = baseSubject(summary.subject)
  const { rfcMessageId } = summary
  return {
    index,
    sent: sentOrArrived(summary.sentDate, internalDate),
    subject: collationKey(text),
    isReply,
    id: rfcMessageId === undefined ? -1 : ids.numberOf(rfcMessageId, true),
    references: referencesOf(summary)
      .map((id) => ids.numberOf(id, false))
      .filter((number) => number !== -1),
  }
}

/** "If there is no References header line … use the first valid Message ID in In-Reply-To". RFC 5256 section 3. */
function referencesOf({ references, inReplyTo }: MessageRecord['summary']): readonly string[] {
  if (references.length === 0) return inReplyTo.slice(0, 1)
  if (references.length <= referenceLimit) return references
  return [references[0] as string, ...references.slice(1 - referenceLimit)]
}
