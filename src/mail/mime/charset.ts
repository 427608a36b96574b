import { isAscii } from 'node:buffer'
import iconv from 'iconv-lite'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Names seen in mail that neither iconv-lite nor the WHATWG list knows. */
const aliases = new Map([
  ['unicode-1-1-utf-7', 'utf-7'],
  ['ks_c_5601', 'cp949'],
  ['x-gbk', 'gbk'],
  ['ansi', 'windows-1252'],
  ['x-unknown', 'us-ascii'],
  ['unknown-8bit', 'us-ascii'],
  ['default', 'us-ascii'],
])
/** The octets 80-9F of these mean Windows' characters in real mail, as the WHATWG Encoding Standard also has it. */
const asWindows1252 = new Set([
  'iso-8859-1',
  'latin1',
  'iso8859-1',
  'iso_8859-1',
  'l1',
  'cp819',
  'windows-1252',
])
const asGuess = new Set(['', 'us-ascii', 'ascii', 'ansi_x3.4-1968', 'iso646-us', 'utf-8', 'utf8'])

/**
 * Octets as Unicode. US-ASCII, UTF-8, nothing and unknown names are read as UTF-8 where that is valid, as Windows-1252
 * otherwise. Never throws.
 */
export function decodeCharset(bytes: Buffer, charset: string | undefined): string {
  const written = (charset ?? '').trim().toLowerCase().slice(0, 40)
  const name = aliases.get(written) ?? written
  if (asGuess.has(name)) return guess(bytes)
  if (asWindows1252.has(name)) return iconv.decode(bytes, 'windows-1252')
  try {
    if (iconv.encodingExists(name)) return iconv.decode(bytes, name)
    return new TextDecoder(name).decode(bytes)
  } catch {
    return guess(bytes)
  }
}

function guess(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1')
  try {
    return utf8.decode(bytes)
  } catch {
    return iconv.decode(bytes, 'windows-1252')
  }
}
