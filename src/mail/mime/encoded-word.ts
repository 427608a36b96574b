import { decodeCharset } from './charset.ts'
import type { Parameter } from './parameters.ts'
import { decodeBase64, hexDigit } from './transfer-encoding.ts'

interface Word {
  readonly charset: string
  readonly bytes: Buffer
  /** After the word. */
  readonly end: number
}

/**
 * A header value (one character per octet, unfolded) as Unicode: encoded-words decoded (RFC 2047), anything else read
 * as UTF-8, else Windows-1252. Words side by side in one charset are joined before decoding, since some writers split
 * a character between them. Linear, never throws.
 */
export function decodeHeaderText(text: string): string {
  if (!text.includes('=?')) return decodePlain(text)
  let decoded = ''
  // Where text that is not yet in `decoded` starts.
  let from = 0
  let run: { charset: string; pieces: Buffer[] } | undefined
  const flush = () => {
    if (run !== undefined) decoded += decodeCharset(Buffer.concat(run.pieces), run.charset)
    run = undefined
  }
  for (let at = text.indexOf('=?'); at !== -1; at = text.indexOf('=?', at)) {
    const word = readWord(text, at)
    if (word === undefined) {
      at += 2
      continue
    }
    const between = text.slice(from, at)
    if (run === undefined || !/^[ \t]*$/.test(between)) {
      flush()
      decoded += decodePlain(between)
    }
    if (run !== undefined && run.charset !== word.charset) flush()
    run ??= { charset: word.charset, pieces: [] }
    run.pieces.push(word.bytes)
    at = word.end
    from = word.end
  }
  flush()
  return decoded + decodePlain(text.slice(from))
}

/** encoded-word = "=?" charset "?" encoding "?" encoded-text "?=". Each of the three question marks is looked for once. */
function readWord(text: string, at: number): Word | undefined {
  const charsetEnd = text.indexOf('?', at + 2)
  if (charsetEnd === -1 || charsetEnd - at > 80 || text.charAt(charsetEnd + 2) !== '?') return undefined
  const encoding = text.charAt(charsetEnd + 1).toUpperCase()
  if (encoding !== 'B' && encoding !== 'Q') return undefined
  const start = charsetEnd + 3
  const end = text.indexOf('?', start)
  if (end === -1 || text.charAt(end + 1) !== '=') return undefined
  // RFC 2231 section 5: a language may follow the charset after an asterisk.
  const [charset = ''] = text
    .slice(at + 2, charsetEnd)
    .toLowerCase()
    .split('*', 1)
  const content = Buffer.from(text.slice(start, end), 'latin1')
  return { charset, bytes: encoding === 'B' ? decodeBase64(content) : decodeQ(content), end: end + 2 }
}

/** RFC 2047 section 4.2. */
function decodeQ(content: Buffer): Buffer {
  const out = Buffer.allocUnsafe(content.length)
  let size = 0
  for (let i = 0; i < content.length; i++) {
    const byte = content[i] as number
    const high = byte === 0x3d ? hexDigit(content[i + 1]) : -1
    const low = high === -1 ? -1 : hexDigit(content[i + 2])
    if (low !== -1) {
      out[size++] = high * 16 + low
      i += 2
    } else out[size++] = byte === 0x5f ? 0x20 : byte
  }
  return out.subarray(0, size)
}

/** Octets (one character each) as UTF-8, else Windows-1252; encoded-words stay. */
export function decodePlain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(text) ? text : decodeCharset(Buffer.from(text, 'latin1'), 'utf-8')
}

/**
 * A parameter as people read it: continuations joined, percent-encoding and charset decoded (RFC 2231 sections 3 and
 * 4), and encoded-words too, which many writers put there. `name` in lower case.
 */
export function decodeParameter(parameters: readonly Parameter[], name: string): string | undefined {
  const segments = new Map<number, { value: string; extended: boolean }>()
  let plain: string | undefined
  for (const [key, value] of parameters) {
    const lower = key.toLowerCase()
    if (lower === name) plain ??= value
    else if (lower.startsWith(`${name}*`)) {
      const extended = lower.endsWith('*')
      const digits = lower.slice(name.length + 1, extended ? -1 : undefined)
      if (digits !== '' && !/^(?:0|[1-9]\d{0,2})$/.test(digits)) continue
      const index = Number(digits)
      if (!segments.has(index)) segments.set(index, { value, extended })
    }
  }
  const first = segments.get(0)
  if (first === undefined) return plain === undefined ? undefined : decodeHeaderText(plain)
  let charset: string | undefined
  const pieces: Buffer[] = []
  for (let index = 0, segment = segments.get(0); segment !== undefined; segment = segments.get(++index)) {
    let { value } = segment
    if (index === 0 && segment.extended) {
      const quote = value.indexOf("'")
      const second = value.indexOf("'", quote + 1)
      if (quote !== -1 && second !== -1) {
        charset = value.slice(0, quote)
        value = value.slice(second + 1)
      }
    }
    pieces.push(segment.extended ? decodePercent(value) : Buffer.from(value, 'latin1'))
  }
  return decodeCharset(Buffer.concat(pieces), charset)
}

function decodePercent(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  let size = 0
  for (let i = 0; i < bytes.length; i++) {
    const high = bytes[i] === 0x25 ? hexDigit(bytes[i + 1]) : -1
    const low = high === -1 ? -1 : hexDigit(bytes[i + 2])
    if (low === -1) bytes[size++] = bytes[i] as number
    else {
      bytes[size++] = high * 16 + low
      i += 2
    }
  }
  return bytes.subarray(0, size)
}
