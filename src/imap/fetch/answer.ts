import { imapString } from '#mail/mime/imap-text.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import { answerHead } from '../answer-head.ts'
import type { Batch } from '../batch.ts'
import type { Facts, MailboxFacts } from './facts.ts'
import type { FetchItem } from './item.ts'
import { headerSection, type OpenedMessage } from './opened-message.ts'
import { plainText } from './plain-text.ts'
import { previewOf } from './preview.ts'
import type { Partial, Section } from './section.ts'

/** A piece of every answer: fixed text, and then a value as text or as octets. */
interface Part {
  readonly before: string
  readonly text?: (index: number, facts: Facts) => string
  /** Undefined for NIL. */
  readonly octets?: (facts: Facts) => Buffer | undefined
  readonly partial?: Partial | undefined
  readonly binary?: boolean
}

/** Writes `* n FETCH (…)` for message after message of one command. */
export class AnswerWriter {
  readonly #batch: Pick<Batch, 'text' | 'octets'>
  readonly #told: MailboxSnapshot
  readonly #parts: readonly Part[]
  readonly #uidOnly: boolean
  /** Some BINARY could not be answered: "the server … MUST fail the request and issue a NO". RFC 3516 section 4.3. */
  unknownEncoding = false

  constructor(
    batch: Pick<Batch, 'text' | 'octets'>,
    told: MailboxSnapshot,
    items: readonly FetchItem[],
    { uidOnly = false, ...inMailbox }: MailboxFacts & { uidOnly?: boolean } = {},
  ) {
    this.#uidOnly = uidOnly
    this.#batch = batch
    this.#told = told
    this.#parts = items.map((item, i) => ({
      before: `${i === 0 ? '' : ' '}${item.label} `,
      ...this.#valueOf(item, inMailbox),
    }))
  }

  /** One answer, about the message at this index of the view. */
  write(index: number, facts: Facts): void {
    const batch = this.#batch
    let text = answerHead(this.#uidOnly, index, this.#told.uids[index] as number)
    for (const { before, text: say, octets, partial, binary } of this.#parts) {
      text += before
      if (say !== undefined) text += say(index, facts)
      else {
        const value = octets?.(facts)
        if (value === undefined) text += 'NIL'
        else text = writeOctets(batch, text, clip(value, partial), binary === true)
      }
    }
    batch.text(`${text})\r\n`)
  }

  #valueOf(item: FetchItem, inMailbox: MailboxFacts): Omit<Part, 'before'> {
    switch (item.kind) {
      case 'plain':
        return { text: plainText(item.label, this.#told, inMailbox) }
      case 'preview':
        return { text: (_, { message }) => preview(message) }
      case 'section':
        return { octets: (facts) => sectionOf(item.section, facts), partial: item.partial }
      case 'binary':
        return {
          octets: ({ message }) => this.#decoded(message, item.section),
          partial: item.partial,
          binary: true,
        }
      case 'binary-size':
        return { text: (_, { message }) => this.#binarySize(message, item.section) }
    }
  }

  #decoded(message: OpenedMessage | undefined, section: Section): Buffer | undefined {
    const decoded = message?.decoded(section)
    if (decoded !== 'unknown-encoding') return decoded
    this.unknownEncoding = true
    return undefined
  }

  #binarySize(message: OpenedMessage | undefined, section: Section): string {
    return String(this.#decoded(message, section)?.length ?? 0)
  }
}

function sectionOf(section: Section, { message, record }: Facts): Buffer | undefined {
  if (message !== undefined) return message.section(section)
  if (record?.header === undefined) throw new Error('Cannot answer a section: the plan did not read it')
  return headerSection(record.header, section)
}

/** "The server … silently truncates" what ends beyond the text; what begins there is empty. RFC 9051 section 6.4.5. */
function clip(octets: Buffer, partial: Partial | undefined): Buffer {
  return partial === undefined ? octets : octets.subarray(partial.offset, partial.offset + partial.count)
}

/**
 * A literal, or `""`. Gives the text that follows it. NUL, which no message should hold, is lawful in a literal8 only: of BINARY
 * (RFC 3516 section 4.3), which has the octets as they are; elsewhere 0x80 stands for it, as with Dovecot, so that sizes hold.
 */
function writeOctets(
  batch: Pick<Batch, 'text' | 'octets'>,
  text: string,
  octets: Buffer,
  binary: boolean,
): string {
  if (octets.length === 0) return `${text}""`
  const hasNul = octets.includes(0)
  batch.text(`${text}${binary && hasNul ? '~' : ''}{${octets.length}}\r\n`)
  batch.octets(hasNul && !binary ? withoutNul(octets) : octets)
  return ''
}

function withoutNul(octets: Buffer): Buffer {
  return Buffer.from(octets.map((octet) => octet || 0x80))
}

/** UTF-8, as RFC 8970 section 3.1 wants; NIL where a lazy one would cost a download. */
function preview(message: OpenedMessage | undefined): string {
  if (message === undefined) return 'NIL'
  return imapString(Buffer.from(previewOf(message), 'utf8').toString('latin1'))
}
