/** Octets as Gmail puts them into JSON: base64url with padding (fact sheet section 2.3). */
export function encodeBase64url(bytes: Buffer): string {
  const text = bytes.toString('base64url')
  const over = text.length % 4
  return over === 0 ? text : text + '='.repeat(4 - over)
}

/** Both alphabets, with and without padding; undefined when it is no base64 at all. */
export function decodeBase64url(text: string): Buffer | undefined {
  let length = text.length
  while (length > 0 && text.charCodeAt(length - 1) === 61) length -= 1
  const body = length === text.length ? text : text.slice(0, length)
  const bytes = Buffer.from(body, 'base64url')
  // Buffer skips what it does not know: a length that does not fit tells.
  if (bytes.length === Math.floor((body.length * 3) / 4) && body.length % 4 !== 1) return bytes
  if (/[^\w+/\-=\s]/.test(text)) return undefined
  return bytes
}
