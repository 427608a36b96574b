import type { Parser } from '../parser.ts'
import { readPartialRange, type PartialRange } from '../partial-range.ts'
import { charsetReader, readUnlabelled } from './charset.ts'
import type { SearchKey } from './key.ts'
import { KeyReader } from './key-reader.ts'

/** What RETURN asks for. RFC 9051 section 6.4.4; PARTIAL by RFC 9394 section 3.1; UPDATE and the hint CONTEXT by RFC 5267. */
type ReturnOption = 'MIN' | 'MAX' | 'ALL' | 'COUNT' | 'SAVE' | 'PARTIAL' | 'UPDATE'

export interface Returns {
  readonly options: ReadonlySet<ReturnOption>
  /** With PARTIAL. */
  readonly page: PartialRange | undefined
}

export interface SearchArgs {
  readonly uid: boolean
  /** Undefined without RETURN. */
  readonly returns: Returns | undefined
  /** Undefined: the charset is not known. */
  readonly key: SearchKey | undefined
  /** SEARCH names a charset. SORT must. */
  readonly hasCharset?: boolean
}

const returnOptions = new Set<string>(['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE', 'PARTIAL', 'UPDATE'])

/**
 * search = "SEARCH" [search-return-opts] SP search-program; search-program = ["CHARSET" SP charset SP] search-key
 * *(SP search-key). RFC 9051 section 9. Throws ProtocolError.
 */
export function readSearchArguments(parser: Parser, { uid }: { readonly uid: boolean }): SearchArgs {
  const returns = readReturns(parser)
  const charset = parser.skip(' CHARSET ') ? readCharset(parser) : undefined
  return { uid, returns, key: readKeys(parser, charset), hasCharset: charset !== undefined }
}

/** " RETURN (…)", if it comes next. */
export function readReturns(parser: Parser): Returns | undefined {
  if (!parser.skip(' RETURN ')) return undefined
  const options = new Set<ReturnOption>()
  let page: PartialRange | undefined
  parser.list(() => {
    const option = parser.keyword('A result option')
    // A client will ask the like again: nothing here is faster for knowing it. RFC 5267 section 4.2.
    if (option === 'CONTEXT') return
    if (!returnOptions.has(option)) parser.fail('This result option is not known')
    options.add(option as ReturnOption)
    if (option !== 'PARTIAL') return
    // "a single command MUST NOT contain more than one PARTIAL or ALL". RFC 9394 section 3.1.
    if (page !== undefined) parser.fail('PARTIAL can be asked for once')
    parser.space()
    page = readPartialRange(parser)
  })
  if (page !== undefined && options.has('ALL')) parser.fail('PARTIAL and ALL exclude each other')
  // "An empty list … is the same as ALL". RFC 9051 section 6.4.4.
  if (options.size === (options.has('UPDATE') ? 1 : 0)) options.add('ALL')
  return { options, page }
}

export function readCharset(parser: Parser): string {
  return parser.astring('A charset').toString('latin1')
}

/** 1*(SP search-key), to the end of the command; undefined when the charset is not known. */
export function readKeys(parser: Parser, charset: string | undefined): SearchKey | undefined {
  const read = charset === undefined ? readUnlabelled : charsetReader(charset)
  parser.space()
  const key = new KeyReader(parser, read ?? readUnlabelled).program()
  parser.end()
  return read === undefined ? undefined : key
}
