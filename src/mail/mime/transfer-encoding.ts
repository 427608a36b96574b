const CR = 0x0d
const LF = 0x0a
const EQUALS = 0x3d

/**
 * A body without its Content-Transfer-Encoding; undefined when the encoding is unknown (BINARY answers UNKNOWN-CTE,
 * RFC 9051 section 6.4.5). Forgiving and linear, never throws. RFC 2045 section 6.
 */
export function decodeTransferEncoding(body: Buffer, encoding: string): Buffer | undefined {
  switch (encoding.toLowerCase()) {
    case '7bit':
    case '8bit':
    case 'binary':
    case '':
      return body
    case 'base64':
      return decodeBase64(body)
    case 'quoted-printable':
      return decodeQuotedPrintable(body)
    default:
      return undefined
  }
}

/** Octets outside the alphabet are ignored (RFC 2045 section 6.8), padding in the middle starts anew. */
export function decodeBase64(body: Buffer): Buffer {
  const pieces: Buffer[] = []
  let at = 0
  while (at < body.length) {
    let end = body.indexOf(EQUALS, at)
    if (end === -1) end = body.length
    if (end > at) pieces.push(Buffer.from(body.toString('latin1', at, end), 'base64'))
    at = end + 1
  }
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
}

/** `=XX`, soft line breaks, white space at line ends dropped; an `=` that means nothing stays. RFC 2045 section 6.7. */
function decodeQuotedPrintable(body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(body.length)
  let size = 0
  // How much of the output must stay if the line ends here: white space after it was not written by the sender.
  let solid = 0
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] as number
    if (byte === LF) {
      const crlf = at > 0 && body[at - 1] === CR
      size = solid
      if (crlf) out[size++] = CR
      out[size++] = LF
      solid = size
    } else if (byte === EQUALS) {
      const high = hexDigit(body[at + 1])
      const low = hexDigit(body[at + 2])
      if (high !== -1 && low !== -1) {
        out[size++] = high * 16 + low
        at += 2
        solid = size
        continue
      }
      const end = softBreak(body, at + 1)
      if (end === -1) out[size++] = byte
      else at = end - 1
      solid = size
    } else if (byte === 0x20 || byte === 0x09 || (byte === CR && body[at + 1] === LF)) {
      if (byte !== CR) out[size++] = byte
    } else {
      out[size++] = byte
      solid = size
    }
  }
  return out.subarray(0, size)
}

/** Where the line after a soft break starts, or -1 when this is none. White space after `=` is limited to stay linear. */
function softBreak(body: Buffer, from: number): number {
  let at = from
  while (at < from + 80 && (body[at] === 0x20 || body[at] === 0x09)) at++
  if (at >= body.length) return at
  if (body[at] === LF) return at + 1
  return body[at] === CR && body[at + 1] === LF ? at + 2 : -1
}

/** The value of a hexadecimal digit's octet, or -1. */
export function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1
}
