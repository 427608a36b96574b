import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FlagBit, FlagTable } from '#mail/flags.ts'
import type { MailboxId, MessageKey, ModSeq, Uid } from '#mail/ids.ts'
import type { View } from '../view.ts'
import { columnOf } from './column.ts'
import { compile } from './compile.ts'
import { noEvidence } from './evidence.ts'
import type { SearchKey } from './key.ts'

const flagTable = new FlagTable()
const combinations = [0, FlagBit.seen, FlagBit.flagged, FlagBit.seen | FlagBit.flagged].flatMap((bits) => [
  flagTable.intern(bits),
  flagTable.intern(bits, ['Later']),
])
const count = 24
const uids = Uint32Array.from({ length: count }, (_, i) => 3 * i + 2)
const view = {
  saved: Uint32Array.of(2, 4, 8, 71),
  told: {
    mailbox: 1 as MailboxId,
    uidValidity: 1,
    uidNext: 100 as Uid,
    highestModSeq: 50 as ModSeq,
    uids,
    keys: Uint32Array.from({ length: count }, (_, i) => i + 1),
    flags: Uint32Array.from({ length: count }, (_, i) => combinations[i % combinations.length] as number),
    modSeqs: Float64Array.from({ length: count }, (_, i) => (i * 7) % 50),
    flagTable,
  },
} as unknown as View
const gmail = new Map([['q', new Set([3, 5, 24] as MessageKey[])]])
const ground = { view, nowMs: 0, gmail, labelled: new Map() }

const edge = fc.nat({ max: 80 }).map((number) => (number === 0 ? Infinity : number))
const ranges = fc.array(fc.record({ from: edge, to: edge }), { minLength: 1, maxLength: 3 })
const leaf = fc.oneof(
  fc.constantFrom<SearchKey>(
    { kind: 'flag', bits: FlagBit.seen, set: true },
    { kind: 'flag', bits: FlagBit.flagged, set: false },
    { kind: 'keyword', name: 'later', set: true },
    { kind: 'keyword', name: 'never', set: false },
    { kind: 'constant', matches: true },
    { kind: 'constant', matches: false },
    { kind: 'modseq', least: 20 },
    { kind: 'gmail', query: 'q' },
    { kind: 'numbers', of: 'uid', set: { ranges: [] } },
    { kind: 'numbers', of: 'uid', set: { ranges: [{ from: 3, to: 5 }] } },
    { kind: 'numbers', of: 'seq', set: { ranges: [{ from: 1, to: 1 }] } },
  ),
  ranges.map((set): SearchKey => ({ kind: 'numbers', of: 'uid', set })),
  ranges.map((set): SearchKey => ({ kind: 'numbers', of: 'seq', set })),
)
const { tree } = fc.letrec<{ tree: SearchKey }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('tree').map((key): SearchKey => ({ kind: 'not', key })),
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      )
      .map(([kind, keys]): SearchKey => ({ kind, keys })),
  ),
}))

test('a column says of every message what the key says of it alone', () => {
  fc.assert(
    fc.property(tree, (key) => {
      const one = compile(key, ground)
      assert.deepEqual(
        [...(columnOf(key, ground) ?? [])],
        Array.from(uids.keys(), (index) => one(index, noEvidence)),
      )
    }),
  )
})

test('what the view does not decide has no column', () => {
  const size: SearchKey = { kind: 'size', larger: true, octets: 10 }
  assert.equal(
    columnOf({ kind: 'and', keys: [{ kind: 'constant', matches: true }, size] }, ground),
    undefined,
  )
})
