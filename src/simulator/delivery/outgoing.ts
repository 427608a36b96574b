import { addressesIn } from '../mime/addresses.ts'
import { headerLine, joinHeader, splitHeader, withCrlf, type HeaderLines } from '../mime/header-lines.ts'
import { parseHeaders } from '../mime/headers.ts'

export interface Sender {
  address: string
  name: string
  /** Addresses that From may hold, in lower case. */
  allowed: ReadonlySet<string>
  /** Without brackets: takes the place of the client's Message-ID. */
  messageId: string
  /** Epoch milliseconds. */
  now: number
}

export interface Outgoing {
  /** The sender's copy: Bcc is in it. */
  raw: Buffer
  /** Of To, Cc and Bcc, in lower case, each once: there is no envelope. */
  recipients: string[]
}

/** What Gmail makes of a message before it goes out. Fact sheet section 2.6 and the choices. */
export function prepareOutgoing(given: Buffer, sender: Sender): Outgoing {
  const { fields, body } = splitHeader(withCrlf(given))
  const recipients = new Set(['to', 'cc', 'bcc'].flatMap((name) => addressesOf(fields, name)))
  const from = addressesOf(fields, 'from')
  const changed = fields.filter((field) => field.name !== 'message-id')
  const first = from[0]
  if (first === undefined || !sender.allowed.has(first)) {
    const line = headerLine('From', `${displayName(sender.name)} <${sender.address}>`)
    const place = changed.findIndex((field) => field.name === 'from')
    if (place < 0) changed.push(line)
    else changed.splice(place, 1, line)
  }
  if (!changed.some((field) => field.name === 'date')) changed.push(headerLine('Date', writeDate(sender.now)))
  changed.push(headerLine('Message-ID', `<${sender.messageId}>`))
  return { raw: joinHeader(changed, body), recipients: [...recipients] }
}

/** The recipient's copy: no Bcc, and at the top the lines of its journey. */
export function deliveredCopy(
  raw: Buffer,
  route: { to: string; from: string; now: number; id: string },
): Buffer {
  const { fields, body } = splitHeader(raw)
  const journey = [
    headerLine('Delivered-To', route.to),
    headerLine(
      'Received',
      `by simulator.example with SMTP id ${route.id}\r\n        for <${route.to}>; ${writeDate(route.now)}`,
    ),
    headerLine('Return-Path', `<${route.from}>`),
  ]
  return joinHeader([...journey, ...fields.filter((field) => field.name !== 'bcc')], body)
}

/** RFC 5322 section 3.3. */
function writeDate(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000')
}

function addressesOf(fields: readonly HeaderLines[], name: string): string[] {
  return fields
    .filter((field) => field.name === name)
    .flatMap(({ octets }) => parseHeaders(octets, 0, octets.length))
    .flatMap(({ value }) => addressesIn(value))
}

function displayName(name: string): string {
  return /^[\w ]+$/.test(name) ? name : `"${name.replaceAll(/["\\\r\n]/g, '')}"`
}
