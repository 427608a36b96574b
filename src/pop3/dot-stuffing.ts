const LF = 0x0a
const DOT = 0x2e
/** Dots are looked for, and where there are some octets are copied, in windows of this size. */
const windowBytes = 64 * 1024

const loneDot = Buffer.from('.')

/**
 * The octets with one more dot before every line that begins with one. RFC 1939 section 3. A line begins after any LF: a
 * client that takes a bare LF for a line end must not see the end of the answer inside a message. What needs no dot is
 * passed on without a copy.
 */
export function* dotStuffed(bytes: Buffer): Generator<Buffer, void, void> {
  if (bytes[0] === DOT) yield loneDot
  let at = 0
  while (at < bytes.length) {
    const found = bytes.indexOf('\n.', at, 'latin1')
    // The LF itself belongs to what goes before.
    const clean = found === -1 ? bytes.length : found + 1
    const untouched = clean - at
    if (found === -1 || untouched >= windowBytes) {
      yield bytes.subarray(at, clean)
      at = clean
      if (found !== -1) yield loneDot
    } else {
      const end = Math.min(at + windowBytes, bytes.length)
      yield stuffedWindow(bytes, at, end)
      at = end
    }
  }
}

/** `bytes` from `start` to `end` with a dot more for each LF in it that a dot follows, even one just behind `end`. */
function stuffedWindow(bytes: Buffer, start: number, end: number): Buffer {
  const breaks: number[] = []
  let found = bytes.indexOf('\n.', start, 'latin1')
  while (found !== -1 && found < end) {
    breaks.push(found + 1)
    found = bytes.indexOf('\n.', found + 1, 'latin1')
  }
  const out = Buffer.allocUnsafe(end - start + breaks.length)
  let written = 0
  let from = start
  for (const to of breaks) {
    written += bytes.copy(out, written, from, to)
    out[written++] = DOT
    from = to
  }
  bytes.copy(out, written, from, end)
  return out
}

/**
 * What ends a multi-line answer whose last octets are those of `bytes`: the dot must stand on a line of its own, so a
 * message that does not end with CRLF gets one, as Dovecot does. It belongs to the answer, not to the message: LIST does
 * not count it.
 */
export function multiLineEnd(bytes: Buffer): string {
  const whole = bytes.length === 0 || (bytes.at(-1) === LF && bytes.at(-2) === 0x0d)
  return whole ? '.\r\n' : '\r\n.\r\n'
}
