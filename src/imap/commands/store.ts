import { keyAt } from '#mail/snapshot.ts'
import type { FlagChange } from '#mail/mailstore.ts'
import type { NumberSet } from '#mail/number-set.ts'
import { answerHead } from '../answer-head.ts'
import { command } from '../command.ts'
import type { Chunk } from '../command.ts'
import { afterChange, readFlags } from '../flag-change.ts'
import type { Parser } from '../parser.ts'
import type { SelectedView } from '../selected-view.ts'
import type { Storing } from '../session-context.ts'

const pieceLength = 64 * 1024

interface StoreArgs {
  readonly set: NumberSet
  readonly uid: boolean
  readonly silent: boolean
  readonly change: FlagChange
}

export const store = command<StoreArgs, Storing>({
  name: 'STORE',
  rfc: '9051 6.4.6',
  state: 'selected',
  changesSelected: true,
  uid: true,
  holdsExpunges: true,
  // store = "STORE" SP sequence-set SP store-att-flags
  parse(parser, { uid }) {
    parser.space()
    const set = parser.numberSet()
    parser.space()
    const mode = parser.skip('+') ? 'add' : parser.skip('-') ? 'remove' : 'replace'
    parser.expect('FLAGS')
    const silent = parser.skip('.SILENT')
    parser.space()
    const change: FlagChange = { mode, ...readFlags(parser, flagsOf(parser)) }
    parser.end()
    return { set, uid, silent, change }
  },
  async *run({ view, rights, mailstore, enabled, signal }, { set, uid, silent, change }) {
    if (rights.readOnly) return { status: 'NO', code: 'NOPERM', text: 'This login may only read' }
    if (view.readOnly)
      return { status: 'NO', code: 'READ-ONLY', text: 'The mailbox is open for reading only' }
    const indexes = uid ? view.indexesOfUids(set) : view.indexesOfSeqs(set)
    const { told } = view
    if (indexes.length > 0) {
      const keys = Array.from(indexes, (index) => keyAt(told, index))
      await mailstore.changeFlags(told.mailbox, keys, change, signal)
      if (silent) view.acknowledge(indexes, expected(view, indexes, change))
      else yield* answers(view, indexes, uid, enabled.has('UIDONLY'))
    }
    return undefined
  },
})

// flag-list / (flag *(SP flag))
function flagsOf(parser: Parser): string[] {
  if (parser.at('(')) return parser.list(() => parser.flag())
  const flags = [parser.flag()]
  while (parser.rest > 1 && parser.optionalSpace()) flags.push(parser.flag())
  return flags
}

/** What the client takes for granted after .SILENT; where it is not so, the session tells. RFC 9051 section 6.4.6. */
function expected(view: SelectedView, indexes: Uint32Array, change: FlagChange): Uint32Array {
  const { flags, flagTable } = view.told
  const known = new Map<number, number>()
  return indexes.map((index) => {
    const before = flags[index] as number
    let after = known.get(before)
    if (after === undefined) {
      const { bits, keywords } = afterChange(flagTable.get(before), change)
      after = flagTable.intern(bits, keywords)
      known.set(before, after)
    }
    return after
  })
}

/** One answer for each message, changed or not. */
function* answers(
  view: SelectedView,
  indexes: Uint32Array,
  uid: boolean,
  uidOnly: boolean,
): Generator<Chunk, void, void> {
  const flags = view.flagsNow(indexes)
  const { uids, flagTable } = view.told
  view.acknowledge(indexes, flags)
  let text = view.keywords.news(false)
  for (const [i, index] of indexes.entries()) {
    const name = uid && !uidOnly ? `UID ${uids[index]} ` : ''
    text += `${answerHead(uidOnly, index, uids[index] as number)}${name}FLAGS (${flagTable.get(flags[i] as number).text}))\r\n`
    if (text.length < pieceLength) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}
