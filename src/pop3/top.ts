const LF = 0x0a
const CR = 0x0d

/**
 * The header, the empty line and so many lines of the body; all of it when the body has no more. RFC 1939 section 7, TOP.
 * A message without an empty line is all header.
 */
export function topOf(bytes: Buffer, lines: number): Buffer {
  const body = bodyStart(bytes)
  // fetchmail asks for 99,999,999 lines when it means all.
  if (lines >= bytes.length - body) return bytes
  let left = lines
  let end = body
  while (left > 0 && end < bytes.length) if (bytes[end++] === LF) left--
  return bytes.subarray(0, end)
}

/** Where the body begins, after the empty line; the length of the message when there is none. */
function bodyStart(bytes: Buffer): number {
  let line = 0
  for (;;) {
    if (bytes[line] === LF) return line + 1
    if (bytes[line] === CR && bytes[line + 1] === LF) return line + 2
    const next = bytes.indexOf(LF, line)
    if (next === -1) return bytes.length
    line = next + 1
  }
}
