import { isAscii } from 'node:buffer'
import { readMailboxName } from '../mailbox-name.ts'
import { ProtocolError, type Parser } from '../parser.ts'
import { readStatusItems, type StatusItem } from './status-items.ts'

/** Patterns beyond this many in one LIST are refused: nobody needs them, and each is tried on each name. */
const patternLimit = 100

/** The arguments of LIST; names as octets, since how they read depends on what is enabled. */
export interface ListArgs {
  readonly reference: Buffer
  readonly patterns: readonly Buffer[]
  /** Written with options or several patterns, so by a client that knows RFC 5258. */
  readonly extended: boolean
  readonly select: ReadonlySet<SelectOption>
  readonly returnSubscribed: boolean
  readonly returnStatus: readonly StatusItem[]
}

type SelectOption = 'SUBSCRIBED' | 'REMOTE' | 'RECURSIVEMATCH' | 'SPECIAL-USE'
const selectOptions = new Set<string>(['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE'])

/**
 * list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]. RFC 9051 section 9. Throws
 * ProtocolError.
 */
export function readListArguments(parser: Parser): ListArgs {
  parser.space()
  const select = parser.at('(') ? readSelectOptions(parser) : undefined
  if (select !== undefined) parser.space()
  const reference = parser.mailboxName()
  parser.space()
  const several = parser.at('(')
  const patterns = several ? parser.list(() => parser.listPattern()) : [parser.listPattern()]
  if (patterns.length === 0) parser.fail('A mailbox pattern is missing')
  if (patterns.length > patternLimit) parser.fail(`More than ${patternLimit} patterns`)
  const options = { subscribed: false, status: [] as StatusItem[] }
  const returns = parser.skip(' RETURN ')
  if (returns) parser.list(() => readReturnOption(parser, options))
  parser.end()
  return {
    reference,
    patterns,
    extended: several || returns || select !== undefined,
    select: select ?? new Set(),
    returnSubscribed: options.subscribed,
    returnStatus: options.status,
  }
}

function readSelectOptions(parser: Parser): ReadonlySet<SelectOption> {
  const options = new Set<SelectOption>()
  parser.list(() => {
    const option = parser.keyword('A selection option')
    if (!selectOptions.has(option)) parser.fail('This selection option is not known')
    options.add(option as SelectOption)
  })
  // "The RECURSIVEMATCH option MUST NOT occur as the only selection option (or only with REMOTE)". RFC 5258 section 3.1.
  if (options.has('RECURSIVEMATCH') && !options.has('SUBSCRIBED') && !options.has('SPECIAL-USE'))
    parser.fail('RECURSIVEMATCH needs another selection option')
  return options
}

function readReturnOption(parser: Parser, options: { subscribed: boolean; status: StatusItem[] }): void {
  switch (parser.keyword('A return option')) {
    case 'SUBSCRIBED':
      options.subscribed = true
      break
    // Told in any case.
    case 'CHILDREN':
    case 'SPECIAL-USE':
      break
    case 'STATUS':
      parser.space()
      options.status = readStatusItems(parser)
      break
    default:
      parser.fail('This return option is not known')
  }
}

/** The patterns as names, behind the reference. "A non-empty reference name … is prepended". RFC 9051 section 6.3.9. */
export function patternTexts(
  { reference, patterns }: Pick<ListArgs, 'reference' | 'patterns'>,
  utf8: boolean,
): string[] {
  const texts: string[] = []
  for (const pattern of patterns)
    try {
      texts.push(readMailboxName(reference, utf8) + readMailboxName(pattern, utf8))
    } catch (error) {
      // "Any syntactically valid pattern that is not accepted by a server for any reason MUST be silently ignored". Ibidem.
      // Octets that are no UTF-8 are not valid.
      if (!(error instanceof ProtocolError) || !isAscii(pattern) || !isAscii(reference)) throw error
    }
  return texts
}
