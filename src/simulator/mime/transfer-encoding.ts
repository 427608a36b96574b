/** The octets of a part, its Content-Transfer-Encoding undone. An unknown encoding is none. */
export function decodeTransfer(body: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64')
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(body)
  return body
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 65 && code <= 70) return code - 55
  if (code >= 97 && code <= 102) return code - 87
  return -1
}

/** RFC 2045 section 6.7; a broken escape stays as it is. */
export function decodeQuotedPrintable(body: Buffer): Buffer {
  const result = Buffer.allocUnsafe(body.length)
  let length = 0
  for (let at = 0; at < body.length; at += 1) {
    const code = body[at] ?? 0
    if (code === 61) {
      const softBreak = softBreakLength(body, at)
      if (softBreak > 0) {
        at += softBreak - 1
        continue
      }
      const high = hexDigit(body[at + 1])
      const low = hexDigit(body[at + 2])
      if (high >= 0 && low >= 0) {
        result[length++] = high * 16 + low
        at += 2
        continue
      }
    }
    result[length++] = code
  }
  return result.subarray(0, length)
}

function softBreakLength(body: Buffer, at: number): number {
  if (body[at + 1] === 10) return 2
  if (body[at + 1] === 13 && body[at + 2] === 10) return 3
  return 0
}
