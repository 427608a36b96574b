import { isUtf8 } from 'node:buffer'
import { decodeCharset } from './charset.ts'
import { decodeWords } from './encoded-words.ts'

/** One header field, unfolded; the value as it stands, encoded words not decoded. */
export interface Header {
  name: string
  value: string
}

const lf = 10
/** A message with more fields than this is read no further. */
const headerLimit = 2000

/** Where the body begins: after the first empty line, or at the end. */
export function endOfHeader(raw: Buffer, start: number, end: number): number {
  let line = start
  while (line < end) {
    const newline = raw.indexOf(lf, line)
    if (newline < 0 || newline >= end) return end
    const length = newline - line
    if (length === 0 || (length === 1 && raw[line] === 13)) return newline + 1
    line = newline + 1
  }
  return end
}

/** The fields between two offsets. Lines that are no field are passed over. */
export function parseHeaders(raw: Buffer, start: number, end: number): Header[] {
  const block = raw.subarray(start, end)
  const text = block.toString(isUtf8(block) ? 'utf8' : 'latin1')
  const headers: Header[] = []
  let folded: { name: string; lines: string[] } | undefined
  const close = () => {
    if (folded) headers.push({ name: folded.name, value: folded.lines.join('').trim() })
    folded = undefined
  }
  for (const line of text.split('\n')) {
    const content = line.endsWith('\r') ? line.slice(0, -1) : line
    const first = content.charCodeAt(0)
    if (first === 32 || first === 9) {
      folded?.lines.push(content)
      continue
    }
    close()
    if (headers.length >= headerLimit) return headers
    const colon = content.indexOf(':')
    if (colon > 0) folded = { name: content.slice(0, colon).trimEnd(), lines: [content.slice(colon + 1)] }
  }
  close()
  return headers
}

/** The first field of this name, or undefined. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  const wanted = name.toLowerCase()
  return headers.find((header) => header.name.toLowerCase() === wanted)?.value
}

/** All fields of this name in one text, decoded for reading and searching. */
export function headerText(headers: readonly Header[], ...names: string[]): string {
  return headers
    .filter((header) => names.includes(header.name.toLowerCase()))
    .map((header) => decodeWords(header.value))
    .join(', ')
}

/** A field such as Content-Type taken apart. Names and value are in lower case, parameter values as written. */
export interface Parametrised {
  value: string
  parameters: ReadonlyMap<string, string>
}

/** Tolerant: quotes may be missing, RFC 2231 pieces and charsets are put together. */
export function parseParameters(text: string): Parametrised {
  const pieces = splitOutsideQuotes(text)
  const value = (pieces[0] ?? '').trim().toLowerCase()
  const plain = new Map<string, string>()
  for (const piece of pieces.slice(1, 200)) {
    const equals = piece.indexOf('=')
    if (equals < 0) continue
    const name = piece.slice(0, equals).trim().toLowerCase()
    if (name !== '' && !plain.has(name)) plain.set(name, unquote(piece.slice(equals + 1).trim()))
  }
  return { value, parameters: joinContinuations(plain) }
}

function splitOutsideQuotes(text: string): string[] {
  const pieces: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '\\' && quoted) at += 1
    else if (char === '"') quoted = !quoted
    else if (char === ';' && !quoted) {
      pieces.push(text.slice(start, at))
      start = at + 1
    }
  }
  pieces.push(text.slice(start))
  return pieces
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text
  const close = text.endsWith('"') && text.length > 1 ? text.length - 1 : text.length
  return text.slice(1, close).replaceAll(/\\(.)/gs, '$1')
}

function joinContinuations(plain: ReadonlyMap<string, string>): Map<string, string> {
  const joined = new Map<string, string>()
  for (const [name, value] of plain) {
    const star = name.indexOf('*')
    if (star < 0) joined.set(name, value)
    else if (name === `${name.slice(0, star)}*`) joined.set(name.slice(0, star), decodeExtended(value))
    else if (name.startsWith('0', star + 1))
      joined.set(name.slice(0, star), joinPieces(plain, name.slice(0, star)))
  }
  return joined
}

function joinPieces(plain: ReadonlyMap<string, string>, base: string): string {
  const pieces: { text: string; extended: boolean }[] = []
  for (let number = 0; number < 200; number += 1) {
    const literal = plain.get(`${base}*${number}`)
    const encoded = plain.get(`${base}*${number}*`)
    if (encoded !== undefined) pieces.push({ text: encoded, extended: true })
    else if (literal !== undefined) pieces.push({ text: literal, extended: false })
    else break
  }
  if (!pieces.some((piece) => piece.extended)) return pieces.map((piece) => piece.text).join('')
  return decodeExtended(
    pieces.map((piece) => (piece.extended ? piece.text : piece.text.replaceAll('%', '%25'))).join(''),
  )
}

/** charset'language'percent-encoded. RFC 2231 section 4. */
function decodeExtended(text: string): string {
  const first = text.indexOf("'")
  const second = text.indexOf("'", first + 1)
  const charset = second > 0 ? text.slice(0, first) : 'utf-8'
  const encoded = second > 0 ? text.slice(second + 1) : text
  const octets: number[] = []
  for (let at = 0; at < encoded.length; at += 1) {
    const code = encoded[at] === '%' ? Number(`0x${encoded.slice(at + 1, at + 3)}`) : Number.NaN
    if (Number.isNaN(code)) octets.push(encoded.charCodeAt(at) & 0xff)
    else {
      octets.push(code)
      at += 2
    }
  }
  return decodeCharset(Buffer.from(octets), charset)
}
