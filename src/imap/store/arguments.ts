import type { FlagChange } from '#mail/mailstore.ts'
import type { NumberSet } from '#mail/number-set.ts'
import { readFlags } from '../flag-change.ts'
import { readLabelOctets } from '../gmail-labels.ts'
import type { Parser } from '../parser.ts'

/** What STORE is to do. */
export interface StoreArgs {
  readonly set: NumberSet
  readonly uid: boolean
  /** The client does not want to hear what it takes for granted. */
  readonly silent: boolean
  /** Only messages that were not modified after this. RFC 7162 section 3.1.3. */
  readonly unchangedSince: number | undefined
  readonly change:
    | ({ readonly kind: 'flags' } & FlagChange)
    | { readonly kind: 'labels'; readonly mode: FlagChange['mode']; readonly labels: readonly Buffer[] }
}

const labelLimit = 500

/**
 * store = "STORE" SP sequence-set [SP "(" store-modifier … ")"] SP store-att-flags. RFC 9051 section 9, RFC 7162 section 7. The
 * same for Gmail's labels. Throws ProtocolError.
 */
export function readStoreArguments(parser: Parser, { uid }: { readonly uid: boolean }): StoreArgs {
  parser.space()
  const set = parser.numberSet()
  parser.space()
  const unchangedSince = parser.at('(') ? readModifiers(parser) : undefined
  const mode: FlagChange['mode'] = parser.skip('+') ? 'add' : parser.skip('-') ? 'remove' : 'replace'
  const areLabels = parser.skip('X-GM-LABELS')
  if (!areLabels) parser.expect('FLAGS')
  const silent = parser.skip('.SILENT')
  parser.space()
  const change: StoreArgs['change'] = areLabels
    ? { kind: 'labels', mode, labels: readLabels(parser) }
    : {
        kind: 'flags',
        mode,
        ...readFlags(
          parser,
          several(parser, () => parser.flag()),
        ),
      }
  parser.end()
  return { set, uid, silent, unchangedSince, change }
}

function readModifiers(parser: Parser): number | undefined {
  let unchangedSince: number | undefined
  parser.list(() => {
    if (parser.keyword('A STORE modifier') !== 'UNCHANGEDSINCE')
      parser.fail('This STORE modifier is not known here')
    parser.space()
    unchangedSince = parser.modSeq()
  })
  parser.space()
  return unchangedSince
}

function readLabels(parser: Parser): Buffer[] {
  const labels = several(parser, () => readLabelOctets(parser))
  if (labels.length > labelLimit) parser.fail('Too many labels')
  return labels
}

/** A list in parentheses, or its items alone. */
function several<T>(parser: Parser, item: () => T): T[] {
  if (parser.at('(')) return parser.list(item)
  const items = [item()]
  while (parser.optionalSpace() && parser.rest > 0) items.push(item())
  return items
}
