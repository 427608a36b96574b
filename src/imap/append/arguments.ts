import type { FlagChange } from '#mail/mailstore.ts'
import { readDateTime } from '../dates.ts'
import { readFlags } from '../flag-change.ts'
import type { Parser } from '../parser.ts'

/** One message as a client hands it over. */
export interface AppendedMessage extends Pick<FlagChange, 'bits' | 'keywords'> {
  /** Epoch milliseconds. */
  readonly internalDate: number | undefined
  /** In their order they are the message; almost always one. */
  readonly parts: readonly AppendedPart[]
}

/** Octets, or what a URL of this server names. RFC 4469. */
type AppendedPart = Buffer | { readonly url: string }

const partLimit = 400

/**
 * append-message = [SP flag-list] [SP date-time] SP append-data. Flags and date are read as clients write them. RFC 9051
 * section 9, RFC 4466 section 2.7. Throws ProtocolError.
 */
export function readAppendedMessage(parser: Parser): AppendedMessage {
  parser.space()
  const words = parser.at('(') ? parser.list(() => parser.flag()) : undefined
  if (words !== undefined) parser.space()
  const { bits, keywords } = readFlags(parser, words ?? [])
  const internalDate = parser.at('"') ? readDateTime(parser) : undefined
  if (internalDate !== undefined) parser.space()
  return { bits, keywords, internalDate, parts: readData(parser) }
}

// append-data = literal / literal8 / "UTF8" SP "(" literal8 ")" / "CATENATE" SP "(" cat-part *(SP cat-part) ")".
function readData(parser: Parser): AppendedPart[] {
  if (parser.skip('UTF8 ')) return [readUtf8(parser)]
  if (parser.skip('CATENATE ')) return readParts(parser)
  return [parser.messageLiteral()]
}

// utf8-literal = "UTF8" SP "(" literal8 ")". RFC 6855 section 4.
function readUtf8(parser: Parser): Buffer {
  parser.expect('(')
  const literal = parser.messageLiteral()
  parser.expect(')')
  return literal
}

// cat-part = "TEXT" SP literal / "URL" SP astring / utf8-literal. RFC 4469 section 5, RFC 6855 section 4.
function readParts(parser: Parser): AppendedPart[] {
  const parts = parser.list((): AppendedPart => {
    if (parser.skip('TEXT ')) return parser.messageLiteral()
    if (parser.skip('UTF8 ')) return readUtf8(parser)
    parser.expect('URL ')
    return { url: parser.astring('A URL').toString('latin1') }
  })
  if (parts.length === 0) parser.fail('A part is missing')
  if (parts.length > partLimit) parser.fail(`More than ${partLimit} parts`)
  return parts
}
