import type { Parser } from '../parser.ts'
import { charsetReader, readUnlabelled } from './charset.ts'
import type { SearchKey } from './key.ts'
import { KeyReader } from './key-reader.ts'

/** What RETURN asks for. RFC 9051 section 6.4.4. */
export type ReturnOption = 'MIN' | 'MAX' | 'ALL' | 'COUNT' | 'SAVE'

export interface SearchArgs {
  readonly uid: boolean
  /** Undefined without RETURN. */
  readonly returns: ReadonlySet<ReturnOption> | undefined
  /** Undefined: the charset is not known. */
  readonly key: SearchKey | undefined
}

const returnOptions = new Set<string>(['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE'])

/**
 * search = "SEARCH" [search-return-opts] SP search-program; search-program = ["CHARSET" SP charset SP] search-key
 * *(SP search-key). RFC 9051 section 9. Throws ProtocolError.
 */
export function readSearchArguments(parser: Parser, { uid }: { readonly uid: boolean }): SearchArgs {
  const returns = parser.skip(' RETURN ') ? readReturnOptions(parser) : undefined
  const charset = parser.skip(' CHARSET ') ? parser.astring('A charset').toString('latin1') : undefined
  const read = charset === undefined ? readUnlabelled : charsetReader(charset)
  parser.space()
  const key = new KeyReader(parser, read ?? readUnlabelled).program()
  parser.end()
  return { uid, returns, key: read === undefined ? undefined : key }
}

function readReturnOptions(parser: Parser): ReadonlySet<ReturnOption> {
  const options = new Set<ReturnOption>()
  parser.list(() => {
    const option = parser.keyword('A result option')
    if (!returnOptions.has(option)) parser.fail('This result option is not known')
    options.add(option as ReturnOption)
  })
  // "An empty list … is the same as ALL". RFC 9051 section 6.4.4.
  if (options.size === 0) options.add('ALL')
  return options
}
