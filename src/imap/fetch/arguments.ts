import type { NumberSet } from '#mail/number-set.ts'
import type { Parser } from '../parser.ts'
import { readPartialRange, type PartialRange } from '../partial-range.ts'
import { readFetchItems, withUid, type FetchItem } from './item.ts'

export interface FetchArgs {
  readonly uid: boolean
  readonly set: NumberSet
  readonly items: readonly FetchItem[]
  /** Only messages whose MODSEQ is above this. RFC 7162 section 3.1.4.1. iOS asks with 0. */
  readonly changedSince: number | undefined
  /** Tell also which of the set vanished since. RFC 7162 section 3.2.6. */
  readonly vanished: boolean
  /** Only this page of the messages that are left. RFC 9394 section 3.2. */
  readonly page: PartialRange | undefined
}

/** fetch = "FETCH" SP sequence-set SP (…) [fetch-modifiers]. RFC 9051 section 9, RFC 4466 section 2.4. Throws ProtocolError. */
export function readFetchArguments(parser: Parser, { uid }: { readonly uid: boolean }): FetchArgs {
  parser.space()
  const set = parser.numberSet()
  parser.space()
  let items = readFetchItems(parser)
  let changedSince: number | undefined
  let vanished = false
  let page: PartialRange | undefined
  if (parser.optionalSpace() && parser.rest > 0)
    parser.list(() => {
      const modifier = parser.keyword('A FETCH modifier')
      if (modifier === 'VANISHED' && uid) {
        vanished = true
        return
      }
      parser.space()
      if (modifier === 'CHANGEDSINCE') changedSince = parser.modSeq()
      else if (modifier === 'PARTIAL') page = readPartialRange(parser)
      else parser.fail('This FETCH modifier is not known here')
    })
  parser.end()
  if (vanished && changedSince === undefined) parser.fail('VANISHED needs CHANGEDSINCE')
  // "implicitly adds the MODSEQ FETCH message data item". RFC 7162 section 3.1.4.1.
  if (changedSince !== undefined && !items.some(({ label }) => label === 'MODSEQ'))
    items = [...items, { kind: 'plain', label: 'MODSEQ' }]
  // "MUST implicitly include the UID". RFC 9051 section 6.4.9.
  return { uid, set, items: uid ? withUid(items) : items, changedSince, vanished, page }
}
