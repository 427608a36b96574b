import iconv from 'iconv-lite'
import { decodeCharset } from '#mail/mime/charset.ts'

/** What BADCHARSET offers; others are known as well. RFC 9051 section 7.1. */
export const offeredCharsets = 'UTF-8 US-ASCII'

const name = /^[a-z0-9][a-z0-9_.:+-]{0,39}$/i

/** How strings of this charset are read; undefined when it is not known. */
export function charsetReader(charset: string): ((octets: Buffer) => string) | undefined {
  if (!name.test(charset) || !iconv.encodingExists(charset)) return undefined
  return (octets) => decodeCharset(octets, charset)
}

/** Strings of a search that names no charset: US-ASCII by the book (RFC 3501), UTF-8 by RFC 9051, whatever in real life. */
export function readUnlabelled(octets: Buffer): string {
  return decodeCharset(octets, undefined)
}
