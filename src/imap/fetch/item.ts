import type { Parser } from '../parser.ts'
import {
  readPartial,
  readSection,
  wholeHeader,
  wholeMessage,
  wholeText,
  type Partial,
  type Section,
} from './section.ts'

/** Items that are one word. */
export type PlainName =
  | 'UID'
  | 'FLAGS'
  | 'MODSEQ'
  | 'EMAILID'
  | 'THREADID'
  | 'X-GM-MSGID'
  | 'X-GM-THRID'
  | 'X-GM-LABELS'
  | 'INTERNALDATE'
  | 'SAVEDATE'
  | 'RFC822.SIZE'
  | 'ENVELOPE'
  | 'BODY'
  | 'BODYSTRUCTURE'

/** One data item of FETCH. `label` is what the answer calls it. RFC 9051 section 6.4.5. */
export type FetchItem =
  | { readonly kind: 'plain'; readonly label: PlainName }
  | {
      readonly kind: 'section'
      readonly label: string
      readonly section: Section
      readonly partial: Partial | undefined
      readonly setsSeen: boolean
    }
  | {
      readonly kind: 'binary'
      readonly label: string
      /** RFC 3516 has part numbers only; Dovecot takes any section, and so its clients may. */
      readonly section: Section
      readonly partial: Partial | undefined
      readonly setsSeen: boolean
    }
  | { readonly kind: 'binary-size'; readonly label: string; readonly section: Section }
  /** RFC 8970. `lazy`: only if it costs nothing. */
  | { readonly kind: 'preview'; readonly label: 'PREVIEW'; readonly lazy: boolean }

/** More items than this in one FETCH are refused. */
const itemLimit = 500

const plainNames = new Set<string>([
  'UID',
  'FLAGS',
  'MODSEQ',
  'EMAILID',
  'THREADID',
  'X-GM-MSGID',
  'X-GM-THRID',
  'X-GM-LABELS',
  'INTERNALDATE',
  'SAVEDATE',
  'RFC822.SIZE',
  'ENVELOPE',
  'BODYSTRUCTURE',
])

const fast: readonly PlainName[] = ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']
const macros = new Map<string, readonly PlainName[]>([
  ['FAST', fast],
  ['ALL', [...fast, 'ENVELOPE']],
  ['FULL', [...fast, 'ENVELOPE', 'BODY']],
])

/** The old names of some sections. RFC822.PEEK and RFC822.TEXT.PEEK are RFC 1730's; Outlook still sends the first. */
const oldNames = new Map<string, { label: string; section: Section; setsSeen: boolean }>([
  ['RFC822', { label: 'RFC822', section: wholeMessage, setsSeen: true }],
  ['RFC822.PEEK', { label: 'RFC822', section: wholeMessage, setsSeen: false }],
  ['RFC822.HEADER', { label: 'RFC822.HEADER', section: wholeHeader, setsSeen: false }],
  ['RFC822.TEXT', { label: 'RFC822.TEXT', section: wholeText, setsSeen: true }],
  ['RFC822.TEXT.PEEK', { label: 'RFC822.TEXT', section: wholeText, setsSeen: false }],
])

/**
 * "ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")", each item once, UID first: Thunderbird mixes
 * messages up when it is not. Throws ProtocolError.
 */
export function readFetchItems(parser: Parser): FetchItem[] {
  const items = new Map<string, FetchItem>()
  const read = () => {
    for (const item of readItem(parser)) items.set(identity(item), item)
    if (items.size > itemLimit) parser.fail(`More than ${itemLimit} data items`)
  }
  if (parser.at('(')) parser.list(read)
  else read()
  if (items.size === 0) parser.fail('A data item is missing')
  const uid = items.get('UID')
  return uid === undefined ? [...items.values()] : withUid([...items.values()])
}

/** The items with UID before all others. */
export function withUid(items: readonly FetchItem[]): FetchItem[] {
  return [{ kind: 'plain', label: 'UID' }, ...items.filter(({ label }) => label !== 'UID')]
}

/** Two items are the same if their answers are. */
function identity(item: FetchItem): string {
  return 'partial' in item ? `${item.label}.${item.partial?.count}` : item.label
}

function readItem(parser: Parser): FetchItem[] {
  const name = parser.itemName()
  const macro = macros.get(name)
  if (macro !== undefined) return macro.map((label) => ({ kind: 'plain', label }))
  if (plainNames.has(name)) return [{ kind: 'plain', label: name as PlainName }]
  const old = oldNames.get(name)
  if (old !== undefined) return [{ kind: 'section', partial: undefined, ...old }]
  switch (name) {
    case 'BODY':
      return [parser.at('[') ? readBody(parser, true) : { kind: 'plain', label: 'BODY' }]
    case 'BODY.PEEK':
      return [readBody(parser, false)]
    case 'BINARY':
    case 'BINARY.PEEK': {
      const { section, text } = readSection(parser)
      const partial = readPartial(parser)
      const label = `BINARY${text}${origin(partial)}`
      return [{ kind: 'binary', label, section, partial, setsSeen: name === 'BINARY' }]
    }
    case 'BINARY.SIZE': {
      const { section, text } = readSection(parser)
      return [{ kind: 'binary-size', label: `BINARY.SIZE${text}`, section }]
    }
    case 'PREVIEW':
      return [{ kind: 'preview', label: 'PREVIEW', lazy: parser.skip(' (LAZY)') }]
    default:
      return parser.fail('This data item is not known')
  }
}

function readBody(parser: Parser, setsSeen: boolean): FetchItem {
  const { section, text } = readSection(parser)
  const partial = readPartial(parser)
  return { kind: 'section', label: `BODY${text}${origin(partial)}`, section, partial, setsSeen }
}

/** The answer tells where a partial begins, not how long it was to be. RFC 9051 section 7.5.2. */
function origin(partial: Partial | undefined): string {
  return partial === undefined ? '' : `<${partial.offset}>`
}
