import type { MessageId, MessageKey, ThreadId } from '#mail/ids.ts'
import type { MessageRecord } from '#mail/mailstore.ts'
import { imapString } from '#mail/mime/imap-text.ts'
import { keyAt, type MailboxSnapshot } from '#mail/snapshot.ts'
import type { Batch } from '../batch.ts'
import { answerHead } from '../answer-head.ts'
import { writeDateTime } from '../dates.ts'
import { writeLabels } from '../gmail-labels.ts'
import { gmailNumber } from '../object-ids.ts'
import type { FetchItem, PlainName } from './item.ts'
import { headerSection, type OpenedMessage } from './opened-message.ts'
import { previewOf } from './preview.ts'
import type { Partial, Section } from './section.ts'

/** What one answer is written from; the plan saw to it that what the items need is there. */
export interface Facts {
  readonly record?: MessageRecord | undefined
  readonly ids?: { readonly messageId: MessageId; readonly threadId: ThreadId } | undefined
  readonly message?: OpenedMessage | undefined
  /** Called when everything that was written from the message has been sent on. */
  readonly release?: (() => void) | undefined
}

/** Gmail's labels of the messages, and how they are written. */
export interface LabelFacts {
  readonly of: ReadonlyMap<MessageKey, readonly string[]>
  readonly utf8: boolean
}

/** Writes `* n FETCH (…)` for message after message of one command. */
export class AnswerWriter {
  readonly #batch: Batch
  readonly #told: MailboxSnapshot
  readonly #items: readonly FetchItem[]
  readonly #labels: LabelFacts | undefined
  readonly #uidOnly: boolean
  /** Some BINARY could not be answered: "the server … MUST fail the request and issue a NO". RFC 3516 section 4.3. */
  unknownEncoding = false

  constructor(
    batch: Batch,
    told: MailboxSnapshot,
    items: readonly FetchItem[],
    { uidOnly = false, labels }: { uidOnly?: boolean; labels?: LabelFacts | undefined } = {},
  ) {
    this.#uidOnly = uidOnly
    this.#batch = batch
    this.#told = told
    this.#items = items
    this.#labels = labels
  }

  /** One answer, about the message at this index of the view. */
  write(index: number, facts: Facts): void {
    const batch = this.#batch
    let text = answerHead(this.#uidOnly, index, this.#told.uids[index] as number)
    let separator = ''
    for (const item of this.#items) {
      text += `${separator}${item.label} `
      separator = ' '
      if (item.kind === 'plain') text += this.#plain(item.label, index, facts)
      else if (item.kind === 'preview') text += preview(facts.message)
      else if (item.kind === 'binary-size') text += this.#binarySize(facts.message, item.path)
      else {
        const octets =
          item.kind === 'section' ? sectionOf(item.section, facts) : this.#decoded(facts.message, item.path)
        if (octets === undefined) text += 'NIL'
        else text = writeOctets(batch, text, clip(octets, item.partial), item.kind === 'binary')
      }
    }
    batch.text(`${text})\r\n`)
  }

  #plain(name: PlainName, index: number, facts: Facts): string {
    const told = this.#told
    switch (name) {
      case 'UID':
        return String(told.uids[index])
      case 'FLAGS':
        return `(${told.flagTable.get(told.flags[index] as number).text})`
      case 'MODSEQ':
        return `(${told.modSeqs[index]})`
      case 'X-GM-LABELS':
        return writeLabels(this.#labels?.of.get(keyAt(told, index)) ?? [], this.#labels?.utf8 === true)
      case 'RFC822.SIZE':
        return String(facts.message?.bytes.length ?? facts.record?.summary.sizeBytes)
      default:
        return fromRecord(name, facts)
    }
  }

  #decoded(message: OpenedMessage | undefined, path: readonly number[]): Buffer | undefined {
    const decoded = message?.decoded(path)
    if (decoded !== 'unknown-encoding') return decoded
    this.unknownEncoding = true
    return undefined
  }

  #binarySize(message: OpenedMessage | undefined, path: readonly number[]): string {
    return String(this.#decoded(message, path)?.length ?? 0)
  }
}

function fromRecord(
  name: Exclude<PlainName, 'UID' | 'FLAGS' | 'MODSEQ' | 'RFC822.SIZE' | 'X-GM-LABELS'>,
  { record, ids = record }: Facts,
): string {
  if (record !== undefined)
    switch (name) {
      case 'INTERNALDATE':
        return writeDateTime(record.internalDate)
      case 'ENVELOPE':
        return record.summary.envelope
      case 'BODY':
        return record.summary.body
      case 'BODYSTRUCTURE':
        return record.summary.bodyStructure
    }
  if (ids !== undefined)
    switch (name) {
      case 'EMAILID':
        return `(${ids.messageId})`
      case 'THREADID':
        return `(${ids.threadId})`
      case 'X-GM-MSGID':
        return gmailNumber(ids.messageId)
      case 'X-GM-THRID':
        return gmailNumber(ids.threadId)
    }
  throw new Error(`Cannot answer ${name}: the plan did not read what it needs`)
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
 * A literal, or `""`. Octets may hold NUL as Gmail has it; BINARY must say so by literal8 (RFC 3516 section 4.3), for the
 * others the bytes as they are matter more than the grammar. Gives the text that follows them.
 */
function writeOctets(batch: Batch, text: string, octets: Buffer, binary: boolean): string {
  if (octets.length === 0) return `${text}""`
  const tilde = binary && octets.includes(0) ? '~' : ''
  batch.text(`${text}${tilde}{${octets.length}}\r\n`)
  batch.octets(octets)
  return ''
}

/** UTF-8, as RFC 8970 section 3.1 wants; NIL where a lazy one would cost a download. */
function preview(message: OpenedMessage | undefined): string {
  if (message === undefined) return 'NIL'
  return imapString(Buffer.from(previewOf(message), 'utf8').toString('latin1'))
}
