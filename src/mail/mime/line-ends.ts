const LF = 0x0a
const CR = 0x0d
/** How much is looked at as one string: the search of a string is twice as fast as that of a Buffer. */
const sliceBytes = 64 * 1024

/**
 * The message with CRLF wherever a line feed stood alone, as IMAP and POP3 must send it (RFC 5322 section 2.3). A
 * carriage return that stands alone stays. The same buffer when there is nothing to do.
 */
export function canonicalLineEnds(bytes: Buffer): Buffer {
  const first = firstBareLineFeed(bytes)
  if (first === -1) return bytes
  let missing = 0
  for (let i = first; i < bytes.length; i++) if (bytes[i] === LF && bytes[i - 1] !== CR) missing++
  const out = Buffer.allocUnsafe(bytes.length + missing)
  bytes.copy(out, 0, 0, first)
  let written = first
  for (let i = first; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (byte === LF && bytes[i - 1] !== CR) out[written++] = CR
    out[written++] = byte
  }
  return out
}

/** Where the first LF without CR before it is, or -1. */
function firstBareLineFeed(bytes: Buffer): number {
  for (let from = 0; from < bytes.length; from += sliceBytes) {
    const slice = bytes.toString('latin1', from, Math.min(from + sliceBytes, bytes.length))
    for (let at = slice.indexOf('\n'); at !== -1; at = slice.indexOf('\n', at + 1))
      if (bytes[from + at - 1] !== CR) return from + at
  }
  return -1
}
