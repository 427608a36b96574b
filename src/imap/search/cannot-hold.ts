import { isAscii } from 'node:buffer'

const SP = 0x20
const TAB = 0x09

/**
 * Whether no field of this name, in lower case, can hold a folded word, which has no white space in it. One look at a header
 * that is written in plain ASCII spares taking it apart, and of ten thousand headers most cannot.
 */
export function cannotHold(header: Buffer, name: string, word: string): boolean {
  if (!isAscii(header)) return false
  const text = header.toString('latin1').toLowerCase()
  return !text.includes(word) && !(text.includes('=?') && hasEncodedWord(text, name))
}

/** Whether there may be an encoded-word in such a field: what it says is not what is written. RFC 2047 section 2. */
function hasEncodedWord(text: string, name: string): boolean {
  for (
    let at = text.startsWith(name) ? 0 : nextField(text, name, 0);
    at !== -1;
    at = nextField(text, name, at)
  ) {
    let end = at
    do {
      const lineFeed = text.indexOf('\n', end)
      end = lineFeed === -1 ? text.length : lineFeed + 1
    } while (text.charCodeAt(end) === SP || text.charCodeAt(end) === TAB)
    if (text.slice(at, end).includes('=?')) return true
  }
  return false
}

/** Where the next line begins that begins so, or -1. */
function nextField(text: string, name: string, from: number): number {
  const found = text.indexOf(`\n${name}`, from)
  return found === -1 ? -1 : found + 1
}
