import { addressLimit, parseAddresses, type Address } from './address.ts'
import type { Header, KnownField } from './header.ts'
import { imapNstring } from './imap-text.ts'

/**
 * ENVELOPE of a header, with its parentheses, one character per octet. Encoded-words stay as they are written.
 * RFC 9051 section 7.5.2.
 */
export function envelopeOf(header: Header): string {
  const from = addressList(header, 'from')
  const sender = addressList(header, 'sender')
  const replyTo = addressList(header, 'reply-to')
  return `(${[
    imapNstring(header.first('date')),
    imapNstring(header.first('subject')),
    from,
    // "If the Sender or Reply-To header fields are absent or present but empty, the server sets them to From."
    sender === 'NIL' ? from : sender,
    replyTo === 'NIL' ? from : replyTo,
    addressList(header, 'to'),
    addressList(header, 'cc'),
    addressList(header, 'bcc'),
    imapNstring(header.first('in-reply-to')),
    imapNstring(header.first('message-id')),
  ].join(' ')})`
}

/** The addresses of all fields of that name, at most `addressLimit`. RFC 5322 permits one field; mail has more. */
export function addressesOf(header: Header, field: KnownField): Address[] {
  const addresses: Address[] = []
  for (const value of header.all(field)) {
    addresses.push(...parseAddresses(value, addressLimit - addresses.length))
    if (addresses.length >= addressLimit) break
  }
  return addresses
}

function addressList(header: Header, field: KnownField): string {
  const addresses = addressesOf(header, field)
  if (addresses.length === 0) return 'NIL'
  return `(${addresses
    .map(
      ({ name, route, mailbox, host }) =>
        `(${imapNstring(name)} ${imapNstring(route)} ${imapNstring(mailbox)} ${imapNstring(host)})`,
    )
    .join('')})`
}
