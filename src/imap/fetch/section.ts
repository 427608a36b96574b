import { imapString } from '#mail/mime/imap-text.ts'
import type { SectionKind } from '#mail/mime/sections.ts'
import type { Parser } from '../parser.ts'

/** What stands between the brackets of BODY[…]. RFC 9051 section 6.4.5. */
export interface Section {
  readonly path: readonly number[]
  readonly kind: SectionKind
  /** Only some fields of a HEADER. The array is the same for all messages of a command. */
  readonly fields: readonly string[] | undefined
  /** All fields but these. */
  readonly not: boolean
}

export const wholeMessage: Section = { path: [], kind: '', fields: undefined, not: false }
export const wholeHeader: Section = { ...wholeMessage, kind: 'HEADER' }
export const wholeText: Section = { ...wholeMessage, kind: 'TEXT' }

/** `<offset.count>` of a partial fetch. */
export interface Partial {
  readonly offset: number
  readonly count: number
}

const maxNumber = 0xffffffff
const astringText = /^[!#$&'+,\-./0-9:;<=>?@A-Z[\]^_`a-z|}~]+$/

/**
 * section = "[" [section-spec] "]". RFC 9051 section 9. `text` is how the answer repeats it: words in capitals, field
 * names as the client wrote them. Throws ProtocolError.
 */
export function readSection(parser: Parser): { section: Section; text: string } {
  parser.expect('[')
  if (parser.skip(']')) return { section: wholeMessage, text: '[]' }
  const spec = parser.itemName()
  const section = readSpec(parser, spec)
  let text = spec
  let fields: string[] | undefined
  if (section.kind === 'HEADER' && section.withFields) {
    parser.space()
    fields = parser.list(() => parser.astring('A header field name').toString('latin1'))
    if (fields.length === 0) parser.fail('A header field name is missing')
    text += ` (${fields.map(fieldName).join(' ')})`
  }
  parser.expect(']')
  return { section: { path: section.path, kind: section.kind, fields, not: section.not }, text: `[${text}]` }
}

/** partial = "<" number64 "." nz-number64 ">", if there is one. Without a count it is the rest, as Dovecot has it. */
export function readPartial(parser: Parser): Partial | undefined {
  if (!parser.skip('<')) return undefined
  const offset = parser.number('An offset', Number.MAX_SAFE_INTEGER)
  if (parser.skip('>')) return { offset, count: Infinity }
  parser.expect('.')
  const count = parser.number('A count', Number.MAX_SAFE_INTEGER)
  if (count === 0) parser.fail('A count cannot be 0')
  parser.expect('>')
  return { offset, count }
}

/** section-spec = section-msgtext / (section-part ["." section-text]), in capitals. */
function readSpec(
  parser: Parser,
  spec: string,
): { path: number[]; kind: SectionKind; withFields: boolean; not: boolean } {
  const words = spec.split('.')
  const path: number[] = []
  while (path.length < words.length) {
    const word = words[path.length] as string
    if (!/^[1-9]\d{0,9}$/.test(word)) break
    const number = Number(word)
    if (number > maxNumber) parser.fail('A part number is too large')
    path.push(number)
  }
  const word = words.slice(path.length).join('.')
  const whole = { path, withFields: false, not: false }
  switch (word) {
    case 'HEADER':
    case 'TEXT':
      return { ...whole, kind: word }
    case 'HEADER.FIELDS':
      return { ...whole, kind: 'HEADER', withFields: true }
    case 'HEADER.FIELDS.NOT':
      return { ...whole, kind: 'HEADER', withFields: true, not: true }
    case 'MIME':
      if (path.length > 0) return { ...whole, kind: word }
      return parser.fail('MIME needs a part number')
    case '':
      // `1.` ends in a full stop; it leaves one empty word.
      if (path.length === words.length) return { ...whole, kind: '' }
      return parser.fail('There is no such section')
    default:
      return parser.fail('There is no such section')
  }
}

/** header-fld-name = astring. */
function fieldName(name: string): string {
  return astringText.test(name) ? name : imapString(name)
}
