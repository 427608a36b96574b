import type { Sender } from '#mail/outbox.ts'
import { parseMessageIds } from '#mail/mime/message-ids.ts'
import { checkFrom } from './from-rule.ts'
import { readFields } from './header-fields.ts'
import type { HeaderField, MessageHeader } from './header-fields.ts'
import { addressesIn, canonicalAddress, recipientLimit } from './recipients.ts'
import { listAddresses, SubmissionRefusal } from './refusal.ts'
import { isResent, wrapResent } from './resent.ts'

/** What the envelope said. Addresses are checked by the grammar already. */
export interface Envelope {
  /** Empty for the null sender. Gmail has no envelope: it sends as the account and takes bounces itself. */
  readonly from: string
  readonly recipients: readonly string[]
}

/** What is handed in beside the message. */
export interface Circumstances {
  /** Who may stand in From; the default one first when From is missing. */
  readonly senders: readonly Sender[]
  /** Epoch milliseconds. */
  readonly now: number
  /** For a Message-ID of our own: what stands before the @. */
  readonly unique: string
}

export interface Agreement {
  /** Put before the message. */
  readonly prefix: Buffer
  /** These places of the message are left out, ascending. */
  readonly without: readonly { readonly start: number; readonly end: number }[]
  /** Canonical, sorted. */
  readonly recipients: readonly string[]
  /** The client's own, with brackets. */
  readonly messageId: string | undefined
}

/**
 * Makes envelope and header agree, since Gmail mails those whom To, Cc and Bcc name and knows nothing else. Recipients
 * that no field names become a Bcc of ours; one that is named but is no recipient is refused, as is From somebody else.
 * Missing From, Date and Message-ID are added (RFC 6409 section 8). `message` has CRLF line ends and no NUL.
 * Throws SubmissionRefusal.
 */
export function agree(message: Buffer, envelope: Envelope, circumstances: Circumstances): Agreement {
  const recipients = canonicalRecipients(envelope)
  const header = readFields(message)
  const { fields } = header
  if (isResent(fields)) {
    const { prefix, without, header: outer } = wrapResent(header)
    const { lines, messageId } = complete(outer, recipients, envelope, circumstances)
    return { prefix: Buffer.from(lines + prefix, 'latin1'), without, recipients, messageId }
  }
  const { lines, messageId } = complete(fields, recipients, envelope, circumstances)
  return {
    prefix: Buffer.from(lines + separator(message, header), 'latin1'),
    // Where a mail came to rest last time; wrong from now on. RFC 5321 section 4.4.
    without: fields.filter(({ name }) => name === 'return-path'),
    recipients,
    messageId,
  }
}

/** The lines that are missing. */
function complete(
  fields: readonly HeaderField[],
  recipients: readonly string[],
  envelope: Envelope,
  { senders, now, unique }: Circumstances,
): { lines: string; messageId: string | undefined } {
  const named = (name: string) => fields.filter((field) => field.name === name)
  checkFrom(named('from'), named('sender'), senders)
  const inHeader = new Set([...named('to'), ...named('cc'), ...named('bcc')].flatMap(addressesIn))
  const outside = [...inHeader].filter((address) => !recipients.includes(address))
  if (outside.length > 0)
    throw new SubmissionRefusal(
      550,
      '5.5.4',
      `To, Cc or Bcc name ${listAddresses(outside)}, whom RCPT TO did not. Gmail mails everybody whom the header names: ` +
        'name them as recipients too, or take them out of the header',
    )
  const hidden = recipients.filter((address) => !inHeader.has(address))
  const messageId = messageIdOf(named('message-id'))
  const author = authorOf(envelope, senders)
  let lines = ''
  if (named('from').length === 0) lines += `From: ${author}\r\n`
  if (hidden.length > 0) lines += `Bcc: ${latin1(hidden.join(',\r\n '))}\r\n`
  if (named('date').length === 0) lines += `Date: ${writeDate(now)}\r\n`
  if (messageId === undefined && named('message-id').length === 0)
    lines += `Message-ID: <${unique}@${author.slice(author.lastIndexOf('@') + 1)}>\r\n`
  return { lines, messageId }
}

function canonicalRecipients({ recipients }: Envelope): string[] {
  const canonical = recipients.map((address) => {
    const found = canonicalAddress(address)
    if (found === undefined)
      throw new SubmissionRefusal(
        550,
        '5.1.3',
        `Gmail cannot be given the recipient ${listAddresses([address])}`,
      )
    return found
  })
  const distinct = [...new Set(canonical)].sort()
  if (distinct.length === 0) throw new SubmissionRefusal(554, '5.5.1', 'No recipients')
  if (distinct.length > recipientLimit)
    throw new SubmissionRefusal(
      452,
      '4.5.3',
      `Too many recipients: Gmail takes ${recipientLimit} of a message`,
    )
  return distinct
}

/** The sender that the envelope names if it may be, else the account's default. */
function authorOf({ from }: Envelope, senders: readonly Sender[]): string {
  const wanted = canonicalAddress(from)
  const found =
    senders.find(({ address }) => wanted !== undefined && canonicalAddress(address) === wanted) ??
    senders.find(({ isDefault }) => isDefault) ??
    senders[0]
  if (found === undefined) throw new TypeError('Cannot send without any sender')
  return found.address
}

/** Of several fields none is relied on. */
function messageIdOf(fields: readonly HeaderField[]): string | undefined {
  const ids = fields.flatMap(({ value }) => parseMessageIds(value))
  return fields.length === 1 && ids.length === 1 ? ids[0] : undefined
}

/** A message without a header, or without the empty line after it, gets that line. */
export function separator(message: Buffer, { missing }: MessageHeader): string {
  return missing && !(message[0] === 0x0d && message[1] === 0x0a) ? '\r\n' : ''
}

/** UTF-8 as one character per octet, like the header. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** RFC 5322 section 3.3. */
function writeDate(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000')
}
