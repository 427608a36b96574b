import { missingHost, missingMailbox, type Address } from './address.ts'
import { bodyStructure } from './body-structure.ts'
import { parseDate } from './date.ts'
import { decodeHeaderText } from './encoded-word.ts'
import { addressesOf, envelopeOf } from './envelope.ts'
import { readHeader, type Header, type KnownField } from './header.ts'
import { parseMessageIds } from './message-ids.ts'
import { parseStructure } from './structure.ts'
import type { MessageSummary } from './summary.ts'

/** The text of one field is cut after this many characters: it is for search and sort, ENVELOPE has all of it. */
const textLimit = 100_000

/**
 * What is derived from a message, and its header up to and including the empty line (a view of `bytes`: copy it to
 * keep it longer than them). Bytes go in as clients shall get them, see `canonicalLineEnds`. Never throws, linear.
 */
export function summarise(bytes: Buffer): { summary: MessageSummary; header: Buffer } {
  const structure = parseStructure(bytes)
  const header = readHeader(bytes, 0)
  const date = parseDate(header.first('date') ?? '')
  const summary: MessageSummary = {
    sizeBytes: bytes.length,
    envelope: envelopeOf(header),
    bodyStructure: bodyStructure(structure, bytes, { extended: true }),
    body: bodyStructure(structure, bytes, { extended: false }),
    sentDate: date?.time,
    sentDay: date?.day,
    from: addressText(header, 'from'),
    to: addressText(header, 'to'),
    cc: addressText(header, 'cc'),
    bcc: addressText(header, 'bcc'),
    subject: decodeHeaderText(header.first('subject') ?? '').slice(0, textLimit),
    rfcMessageId: parseMessageIds(header.first('message-id') ?? '')[0],
    inReplyTo: parseMessageIds(header.all('in-reply-to').join(' ')),
    references: parseMessageIds(header.all('references').join(' ')),
  }
  return { summary, header: bytes.subarray(0, header.end) }
}

/** `Ada <ada@example.org>, ben@example.org`, decoded; the field as it is when no address can be read from it. */
function addressText(header: Header, field: KnownField): string {
  const addresses = addressesOf(header, field)
  const text =
    addresses.length === 0
      ? decodeHeaderText(header.all(field).join(', '))
      : addresses.map(shown).filter(Boolean).join(', ')
  return text.slice(0, textLimit)
}

/** A group is shown by its name with a colon, its end by nothing. */
function shown({ name, mailbox, host }: Address): string {
  if (mailbox === undefined) return ''
  if (host === undefined) return `${decodeHeaderText(mailbox)}:`
  const local = mailbox === missingMailbox ? '' : decodeHeaderText(mailbox)
  const address = host === missingHost ? local : `${local}@${decodeHeaderText(host)}`
  return name === undefined ? address : `${decodeHeaderText(name)} <${address}>`
}
