import type { MessageKey } from '#mail/ids.ts'
import type { MembershipRow, MessageRow } from '#store/store.ts'
import type { Book } from './book.ts'
import type { Entry } from './entry.ts'
import { readMemberships } from './present.ts'
import { rowsOf } from './records.ts'

/** Messages and their mailboxes as the store has them. */
export interface Reading {
  readonly rows: ReadonlyMap<MessageKey, MessageRow>
  readonly membershipsOf: (key: MessageKey) => readonly MembershipRow[]
}

/**
 * What was read before a change at Gmail. It need not be read again after that when nobody else has written meanwhile; of
 * our own entries each is about other messages.
 */
export class EarlierReading implements Reading {
  readonly rows: Reading['rows']
  readonly membershipsOf: Reading['membershipsOf']
  readonly #book: Book
  #edition: number | undefined

  private constructor(book: Book, edition: number | undefined, { rows, membershipsOf }: Reading) {
    this.#book = book
    this.#edition = edition
    this.rows = rows
    this.membershipsOf = membershipsOf
  }

  static async read(book: Book, keys: readonly MessageKey[]): Promise<EarlierReading> {
    const { edition } = book
    return new EarlierReading(book, edition, await readNow(book, keys))
  }

  /** For a change that needs to know nothing before. */
  static none(book: Book): EarlierReading {
    return new EarlierReading(book, undefined, { rows: new Map(), membershipsOf: () => [] })
  }

  /** Writes an entry about some of the messages that were read, none of which was in another entry of ours. */
  async write(
    keys: readonly MessageKey[],
    compose: (entry: Entry, reading: Reading) => void | Promise<void>,
  ): Promise<void> {
    const touched = await this.#book.write(async (entry) => {
      const isCurrent = this.#edition === this.#book.edition
      await compose(entry, isCurrent ? this : await readNow(this.#book, keys))
      return entry.touchesMessages
    })
    // Where it was not current it never is again: the book has counted this entry too.
    if (touched && this.#edition !== undefined) this.#edition += 1
  }
}

async function readNow(book: Book, keys: readonly MessageKey[]): Promise<Reading> {
  const rows = await rowsOf(book.store, keys)
  const membershipsOf = await readMemberships(book.store, keys)
  return { rows: new Map(rows.map((row) => [row.key, row])), membershipsOf }
}
