/** What a person filled in to see a message arrive. */
export interface TestMessage {
  /** `Ada <ada@example.org>` or the bare address. */
  from: string
  to: string
  subject: string
  text: string
  /** Epoch milliseconds. */
  date: number
  messageId: string
}

/** A plain message of RFC 5322, CRLF line ends, ASCII only, whatever the person typed. */
export function composeTestMessage(message: TestMessage): Buffer {
  const body = message.text.replace(/\r\n?|\n/g, '\r\n')
  const lines = [
    `From: ${mailbox(message.from)}`,
    `To: ${oneLine(message.to)}`,
    `Subject: ${encodeText(oneLine(message.subject))}`,
    `Date: ${dateTime(message.date)}`,
    `Message-ID: <${message.messageId}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...inLinesOf(76, Buffer.from(`${body}\r\n`).toString('base64')),
    '',
  ]
  return Buffer.from(lines.join('\r\n'))
}

/** Whether this can stand in a From field. */
export function isSender(text: string): boolean {
  const address = addressIn(text)
  const at = address.lastIndexOf('@')
  return (
    at > 0 && at < address.length - 1 && /^[\x21-\x7e]+$/.test(address) && !/[<>(),;:\\"[\]]/.test(address)
  )
}

/** RFC 5322 section 3.3, in UTC. */
export function dateTime(epochMs: number): string {
  return new Date(epochMs).toUTCString().replace('GMT', '+0000')
}

/** RFC 2047 words of at most 75 characters where ASCII will not do; no word ends inside a character. */
export function encodeText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes('=?')) return text
  const words: string[] = []
  let chunk = ''
  for (const character of text) {
    if (Buffer.byteLength(chunk + character) > 42) {
      words.push(chunk)
      chunk = ''
    }
    chunk += character
  }
  words.push(chunk)
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}

function mailbox(text: string): string {
  const address = addressIn(text)
  const name = oneLine(text.includes('<') ? text.slice(0, text.indexOf('<')) : '').replace(/^"(.*)"$/, '$1')
  if (name === '') return address
  if (!/^[\x20-\x7e]*$/.test(name)) return `${encodeText(name)} <${address}>`
  return `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`
}

function addressIn(text: string): string {
  const open = text.indexOf('<')
  const close = text.indexOf('>', open)
  return oneLine(open === -1 ? text : text.slice(open + 1, close === -1 ? undefined : close))
}

function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f]+/g, ' ').trim()
}

function inLinesOf(length: number, text: string): string[] {
  const lines: string[] = []
  for (let at = 0; at < text.length; at += length) lines.push(text.slice(at, at + length))
  return lines
}
