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
  const pieces = [bytes.subarray(0, first)]
  for (let from = first; from < bytes.length;) {
    let end = Math.min(from + sliceBytes, bytes.length)
    // A CR and its LF stay together.
    if (end < bytes.length && bytes[end - 1] === CR) end++
    pieces.push(Buffer.from(bytes.toString('latin1', from, end).replaceAll(/\r?\n/g, '\r\n'), 'latin1'))
    from = end
  }
  return Buffer.concat(pieces)
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
