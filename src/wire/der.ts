/** The distinguished encoding of ASN.1, as far as certificates and signatures need it. ITU-T X.690 section 10. */

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])
}

function lengthOf(octets: number): Buffer {
  if (octets < 0x80) return Buffer.of(octets)
  const hex = octets.toString(16)
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts)
export const octets = (content: Uint8Array): Buffer => tlv(0x04, content)
export const nothing = (): Buffer => tlv(0x05)
export const text = (value: string): Buffer => tlv(0x0c, Buffer.from(value))
export const yes = (): Buffer => tlv(0x01, Buffer.of(0xff))
/** `[n]`, constructed. */
export const tagged = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  tlv(0xa0 | number, ...parts)
/** `[n] IMPLICIT` of a string. */
export const taggedOctets = (number: number, content: Uint8Array): Buffer => tlv(0x80 | number, content)

/** Its members are put in the order that DER demands. */
export function set(...members: readonly Buffer[]): Buffer {
  return tlv(0x31, ...[...members].sort((one, other) => one.compare(other)))
}

/** Not negative; `bytes` begins with the highest. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const bare = first === -1 ? Buffer.of(0) : bytes.subarray(first)
  return (bare[0] ?? 0) >= 0x80 ? tlv(0x02, Buffer.of(0), bare) : tlv(0x02, bare)
}

export function bits(content: Uint8Array, unusedBits = 0): Buffer {
  return tlv(0x03, Buffer.of(unusedBits), content)
}

/** From its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left % 128))
    bytes.push(...groups)
  }
  return tlv(0x06, Buffer.from(bytes))
}

/** UTCTime up to 2049 and GeneralizedTime after it, to the second. RFC 5280 section 4.1.2.5. */
export function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/[-:T]|\.\d+/g, '')
  return digits < '2050' ? tlv(0x17, Buffer.from(digits.slice(2))) : tlv(0x18, Buffer.from(digits))
}

/** The elements in what a constructed element holds, or in any octets, each with its header. Throws RangeError when they are cut. */
export function elementsOf(bytes: Uint8Array): Buffer[] {
  const elements: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const { end } = spanAt(bytes, at)
    elements.push(Buffer.from(bytes.subarray(at, end)))
    at = end
  }
  return elements
}

/** What an element holds. Throws RangeError when it is cut. */
export function contentOf(element: Uint8Array): Buffer {
  const { start, end } = spanAt(element, 0)
  return Buffer.from(element.subarray(start, end))
}

function spanAt(bytes: Uint8Array, at: number): { start: number; end: number } {
  const first = bytes[at + 1] ?? 0
  const more = first < 0x80 ? 0 : first & 0x7f
  let length = more === 0 ? first : 0
  for (const byte of bytes.subarray(at + 2, at + 2 + more)) length = length * 256 + byte
  const start = at + 2 + more
  const end = start + length
  if (more > 4 || end > bytes.length) throw new RangeError(`Cannot read DER: it ends before octet ${end}`)
  return { start, end }
}
