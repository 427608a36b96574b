import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { NumberSet } from '#mail/number-set.ts'
import { ProtocolError } from './parser.ts'
import { parseNumbers, ToldModel } from './testing/told-model.ts'
import { createMemoryMailstore } from './testing/memory-mailstore.ts'
import { SelectedView } from './selected-view.ts'

const signal = new AbortController().signal

async function openStore(count: number) {
  const messages = Array.from({ length: count }, () => ({ bytes: 'Subject: x\r\n\r\n' }))
  const mailstore = createMemoryMailstore({
    address: 'ada@bridge.test',
    mailboxes: [{ name: 'INBOX', messages }],
  })
  const id = (await mailstore.mailboxes(signal))[0]?.id
  assert.ok(id !== undefined)
  return { mailstore, open: () => mailstore.open(id, signal) }
}

type Step =
  | { readonly kind: 'deliver'; readonly count: number }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'flag'; readonly at: number; readonly flags: readonly string[] }
  | { readonly kind: 'sync'; readonly who: number; readonly expunge: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat(20) }),
  fc.record({
    kind: fc.constant('flag' as const),
    at: fc.nat(20),
    flags: fc.subarray(['\\Seen', '\\Flagged', 'Work', 'Zebra']),
  }),
  fc.record({ kind: fc.constant('sync' as const), who: fc.nat(1), expunge: fc.boolean() }),
)

test('two clients that believe what they are told always agree with their views, and in the end with the mailbox', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(6), fc.array(step, { maxLength: 60 }), async (count, steps) => {
      const { mailstore, open } = await openStore(count)
      const views = [new SelectedView(await open(), false), new SelectedView(await open(), false)]
      const models = views.map((view) => new ToldModel(view.told))
      const uids = Array.from({ length: count }, (_, i) => i + 1)
      const sync = (who: number, expunge: boolean) => {
        const view = views[who] as SelectedView
        const model = models[who] as ToldModel
        const lines = [...view.sync(expunge, new Set())].join('')
        assert.ok(expunge || !lines.includes('EXPUNGE'), lines)
        model.hear(lines)
        model.agreesWith(view.told)
      }
      for (const one of steps) {
        if (one.kind === 'deliver')
          for (let i = 0; i < one.count; i++) uids.push(mailstore.deliver('INBOX', { bytes: '\r\n' }))
        else if (one.kind === 'sync') sync(one.who, one.expunge)
        else if (uids.length > 0) {
          const uid = uids[one.at % uids.length] as number
          if (one.kind === 'flag') mailstore.setFlags('INBOX', uid, one.flags)
          else {
            mailstore.remove('INBOX', uid)
            uids.splice(uids.indexOf(uid), 1)
          }
        }
      }
      const newest = (await open()).snapshot()
      for (const who of [0, 1]) {
        sync(who, true)
        assert.deepEqual(views[who]?.told.uids, newest.uids)
        assert.deepEqual(views[who]?.told.flags, newest.flags)
        assert.deepEqual([...(views[who]?.sync(true, new Set()) ?? ['no view'])], [])
      }
    }),
    { numRuns: 300 },
  )
})

test('sets of numbers mean what a slow reading of the RFC means', async () => {
  const { mailstore, open } = await openStore(12)
  for (const uid of [1, 4, 5, 11]) mailstore.remove('INBOX', uid)
  const view = new SelectedView(await open(), false)
  const number = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 16 }) }, fc.constant(Infinity))
  fc.assert(
    fc.property(fc.array(fc.record({ from: number, to: number }), { minLength: 1, maxLength: 5 }), (set) => {
      const uids = [...view.told.uids]
      const expected = parseNumbers(set, uids.at(-1) ?? 0)
      assert.deepEqual(
        [...view.indexesOfUids(set)].map((index) => uids[index]),
        uids.filter((uid) => expected(uid)),
      )
      const tooHigh = set.some(
        ({ from, to }) => from !== Infinity && to !== Infinity && Math.max(from, to) > uids.length,
      )
      if (tooHigh) assert.throws(() => view.indexesOfSeqs(set), /no message with this number/)
      else {
        const wanted = parseNumbers(set, uids.length)
        assert.deepEqual(
          [...view.indexesOfSeqs(set)],
          uids.map((_, index) => index).filter((index) => wanted(index + 1)),
        )
      }
    }),
  )
})

test('1:4294967295 costs no more than what is there, and `*` in an empty mailbox is nothing', async () => {
  const { open } = await openStore(3)
  const view = new SelectedView(await open(), false)
  assert.deepEqual([...view.indexesOfUids([{ from: 1, to: 4_294_967_295 }])], [0, 1, 2])
  assert.deepEqual([...view.indexesOfUids([{ from: 84, to: Infinity }])], [2])
  const all: NumberSet = [{ from: 1, to: Infinity }]
  const empty = new SelectedView(await (await openStore(0)).open(), false)
  assert.deepEqual([...empty.indexesOfSeqs(all)], [])
  assert.deepEqual([...empty.indexesOfUids(all)], [])
})

test('what `$` stands for forgets messages that were removed', async () => {
  const { mailstore, open } = await openStore(3)
  const view = new SelectedView(await open(), false)
  view.saved = Uint32Array.of(1, 3)
  mailstore.remove('INBOX', 1)
  assert.deepEqual([...view.sync(true, new Set())].join(''), '* 1 EXPUNGE\r\n')
  assert.deepEqual([...view.indexesOfUids({ ranges: [] })], [1])
})

test('`$` after ranges means both, each message once', async () => {
  const view = new SelectedView(await (await openStore(5)).open(), false)
  view.saved = Uint32Array.of(1, 3, 4)
  const ranges = [
    { from: 5, to: 5 },
    { from: 3, to: 2 },
  ]
  assert.deepEqual([...view.indexesOfSeqs({ ranges })], [0, 1, 2, 3, 4])
  assert.deepEqual([...view.indexesOfUids({ ranges: [{ from: 9, to: 9 }] })], [0, 2, 3])
  assert.throws(() => view.indexesOfSeqs({ ranges: [{ from: 9, to: 9 }] }), ProtocolError)
})

test('while removals are held back, a client that resynchronises hears up to which mod-sequence it was told all', async () => {
  const { mailstore, open } = await openStore(3)
  const view = new SelectedView(await open(), false)
  const heard = view.told.highestModSeq
  const qresync = new Set(['QRESYNC', 'CONDSTORE'] as const)
  mailstore.remove('INBOX', 1)
  const sync = (expunge: boolean) => [...view.sync(expunge, qresync)].join('')
  assert.equal(sync(false), `* OK [HIGHESTMODSEQ ${heard}] All before was told\r\n`)
  assert.equal(sync(false), `* OK [HIGHESTMODSEQ ${heard}] All before was told\r\n`)
  const released = sync(true)
  assert.equal(
    released,
    `* VANISHED 1\r\n* OK [HIGHESTMODSEQ ${view.told.highestModSeq}] All before was told\r\n`,
  )
  assert.ok(view.told.highestModSeq > heard)
  assert.equal(sync(false), '')
})

test('flags that were acknowledged are not told, unless they turned out otherwise', async () => {
  const { mailstore, open } = await openStore(2)
  const view = new SelectedView(await open(), false)
  const seen = mailstore.flagTable.intern(1)
  view.acknowledge(Uint32Array.of(0, 1), Uint32Array.of(seen, seen))
  mailstore.setFlags('INBOX', 1, ['\\Seen'])
  assert.equal([...view.sync(true, new Set())].join(''), '* 2 FETCH (UID 2 FLAGS ())\r\n')
})

test('a mailbox of a hundred thousand is compared quickly and told in pieces', async () => {
  const { mailstore, open } = await openStore(100_000)
  const view = new SelectedView(await open(), false)
  const id = view.told.mailbox
  const keys = Array.from({ length: 100_000 }, (_, i) => mailstore.keyOf('INBOX', 1) + i)
  await mailstore.changeFlags(id, keys as never, { mode: 'add', bits: 1, keywords: [] }, signal)
  const pieces = [...view.sync(true, new Set())]
  assert.ok(pieces.length > 10)
  assert.ok(pieces.every((piece) => piece.length < 70_000))
})
