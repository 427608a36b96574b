import type { MailboxId, MessageKey } from '#mail/ids.ts'
import type { MaildropChange } from '#mail/maildrop.ts'
import { ProtocolError } from './arguments.ts'
import type { MessageFacts } from './facts-book.ts'

const deleted = 1
const retrieved = 2

/**
 * The messages of one session and its marks on them. It is frozen at login: what arrives later belongs to the next session,
 * numbers never move, and nothing has happened until QUIT. RFC 1939 sections 5 and 6. Numbers run from 1.
 */
export class Maildrop {
  readonly mailbox: MailboxId
  /** Oldest first. */
  readonly messages: readonly MessageFacts[]
  /** What is retrieved is not on offer in the next session. */
  readonly once: boolean
  readonly #marks: Uint8Array

  constructor(mailbox: MailboxId, messages: readonly MessageFacts[], once: boolean) {
    this.mailbox = mailbox
    this.messages = messages
    this.once = once
    this.#marks = new Uint8Array(messages.length)
  }

  /** Messages that are not marked as deleted, and their octets. */
  totals(): { count: number; sizeBytes: number } {
    let count = 0
    let sizeBytes = 0
    for (const [index, facts] of this.messages.entries()) {
      if (((this.#marks[index] as number) & deleted) !== 0) continue
      count++
      sizeBytes += facts.sizeBytes
    }
    return { count, sizeBytes }
  }

  /** Those that are not marked as deleted. */
  *listed(): Generator<{ number: number; facts: MessageFacts }, void, void> {
    for (const [index, facts] of this.messages.entries())
      if (((this.#marks[index] as number) & deleted) === 0) yield { number: index + 1, facts }
  }

  /** Throws ProtocolError for a number that there is not, or a message that is marked as deleted. */
  message(number: number): MessageFacts {
    const facts = this.messages[number - 1]
    if (facts === undefined)
      throw new ProtocolError(`There is no such message: there are ${this.messages.length}`)
    if (((this.#marks[number - 1] as number) & deleted) !== 0)
      throw new ProtocolError(`Message ${number} is marked as deleted`)
    return facts
  }

  /** Throws as `message`. */
  markDeleted(number: number): void {
    this.message(number)
    this.#mark(number, deleted)
  }

  /** It was handed out whole. */
  markRetrieved(number: number): void {
    this.#mark(number, retrieved)
  }

  /** RSET: takes the marks of DELE away. What was handed out stays so. */
  undelete(): void {
    for (let index = 0; index < this.#marks.length; index++)
      this.#marks[index] = (this.#marks[index] as number) & ~deleted
  }

  /** What QUIT makes true; undefined when the session only looked. */
  change(): MaildropChange | undefined {
    const change = { retrieved: this.once ? this.#marked(retrieved) : [], deleted: this.#marked(deleted) }
    return change.retrieved.length + change.deleted.length === 0 ? undefined : change
  }

  #mark(number: number, bit: number): void {
    this.#marks[number - 1] = (this.#marks[number - 1] as number) | bit
  }

  #marked(bit: number): MessageKey[] {
    return this.messages
      .filter((_, index) => ((this.#marks[index] as number) & bit) !== 0)
      .map(({ key }) => key)
  }
}
