import { ProtocolError } from './parser.ts'

const notPrintable = /[^\x20-\x7e]+/g
const printable = /[\x20-\x7e]/
/** RFC 3501 section 5.1.3: base64 with `,` for `/`. */
const base64Run = /[A-Za-z0-9+,]*/y

/** Unicode as modified UTF-7: printable ASCII as it is, `&` as `&-`, the rest as base64 of UTF-16. RFC 3501 section 5.1.3. */
export function encodeModifiedUtf7(text: string): string {
  return text.replaceAll('&', '&-').replaceAll(notPrintable, (run) => `&${encodeRun(run)}-`)
}

function encodeRun(run: string): string {
  return Buffer.from(run, 'utf16le').swap16().toString('base64').replaceAll('=', '').replaceAll('/', ',')
}

/**
 * Modified UTF-7 as Unicode. A name has one spelling only: printable ASCII in base64 ("MUST represent themselves"), two
 * shifts where one would do, bits left over and lone surrogates are refused, so that no name hides another. An `&` that
 * begins no shift is forgiven and stands for itself. Octets above 7F are not expected. Throws ProtocolError.
 */
export function decodeModifiedUtf7(octets: Buffer): string {
  const text = octets.toString('latin1')
  let decoded = ''
  let at = 0
  let shiftEnd = -1
  for (;;) {
    const ampersand = text.indexOf('&', at)
    if (ampersand === -1) return decoded + text.slice(at)
    decoded += text.slice(at, ampersand)
    base64Run.lastIndex = ampersand + 1
    const run = base64Run.exec(text)?.[0] ?? ''
    const end = ampersand + 1 + run.length
    if (text[end] !== '-') {
      decoded += '&'
      at = ampersand + 1
    } else if (run === '') {
      decoded += '&'
      at = end + 1
    } else {
      if (ampersand === shiftEnd) refuse()
      decoded += decodeRun(run)
      at = end + 1
      shiftEnd = at
    }
  }
}

function decodeRun(run: string): string {
  const octets = Buffer.from(run.replaceAll(',', '/'), 'base64')
  if (octets.length === 0 || octets.length % 2 !== 0) refuse()
  const decoded = octets.swap16().toString('utf16le')
  if (!decoded.isWellFormed() || printable.test(decoded) || encodeRun(decoded) !== run) refuse()
  return decoded
}

function refuse(): never {
  throw new ProtocolError('A mailbox name must be valid UTF-8 or modified UTF-7')
}
