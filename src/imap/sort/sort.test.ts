import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { search } from '../commands/search.ts'
import { sort } from '../commands/sort.ts'
import { ProtocolError } from '../parser.ts'
import { createMemoryMailstore, type MemoryMessage } from '../testing/memory-mailstore.ts'
import { run, selected, testClock } from '../testing/run-command.ts'
import { Crowd } from '#wire/crowd.ts'
import { collationKey } from './collation.ts'
import { inOrder } from './in-order.ts'

function mail(...header: string[]): string {
  return `${header.join('\r\n')}\r\n\r\nText.\r\n`
}

const day = Date.UTC(2026, 0, 1)

const letters: MemoryMessage[] = [
  {
    bytes: mail(
      'From: Zoe <ann@x.test>',
      'To: Carl <c@x.test>',
      'Subject: Re: banana',
      'Date: Thu, 1 Jan 2026 12:00:00 +0000',
    ),
    internalDate: day + 3000,
  },
  {
    bytes: mail(
      'From: ben@x.test',
      'To: =?UTF-8?Q?=C3=84nne?= <zz@x.test>',
      'Cc: a@x.test',
      'Subject: Apple',
      'Date: Thu, 1 Jan 2026 12:00:00 +0200',
    ),
    internalDate: day + 1000,
  },
  {
    bytes: mail(
      'From: Amy <carl@x.test>',
      'Subject: [list] BANANA',
      'X-Long: 1234567890',
      'X: 1',
      'Date: nonsense',
    ),
    internalDate: day + 2000,
  },
]

async function inbox(messages: readonly MemoryMessage[] = letters) {
  const store = createMemoryMailstore({ address: 'a@x.test', mailboxes: [{ name: 'INBOX', messages }] })
  return { store, context: await selected(store, 'INBOX') }
}

test('every criterion puts messages in its order', async () => {
  const { context } = await inbox()
  const table: [string, string][] = [
    ['ARRIVAL', '2 3 1'],
    ['REVERSE ARRIVAL', '1 3 2'],
    // The third has no date that can be read: it was sent when it arrived.
    ['DATE', '3 2 1'],
    ['SUBJECT', '2 1 3'],
    ['REVERSE SUBJECT', '1 3 2'],
    ['SUBJECT REVERSE ARRIVAL', '2 1 3'],
    ['SUBJECT ARRIVAL', '2 3 1'],
    ['FROM', '1 2 3'],
    ['TO', '3 1 2'],
    ['CC', '1 3 2'],
    ['DISPLAYFROM', '3 2 1'],
    ['DISPLAYTO', '3 2 1'],
  ]
  for (const [criteria, expected] of table)
    assert.deepEqual(
      (await run(sort, context, ` (${criteria}) UTF-8 ALL`)).lines,
      [`* SORT ${expected}`],
      criteria,
    )
})

test('sizes are compared as numbers', async () => {
  const { context } = await inbox([9, 100, 20].map((length) => ({ bytes: mail(`X: ${'x'.repeat(length)}`) })))
  assert.deepEqual((await run(sort, context, ' (SIZE) US-ASCII ALL')).lines, ['* SORT 1 3 2'])
})

test('only what matches is sorted; nothing found is an empty answer', async () => {
  const { context } = await inbox()
  assert.deepEqual((await run(sort, context, ' (ARRIVAL) UTF-8 SUBJECT banana')).lines, ['* SORT 3 1'])
  assert.deepEqual((await run(sort, context, ' (ARRIVAL) UTF-8 SUBJECT cherry')).lines, ['* SORT'])
})

test('UID SORT gives UIDs', async () => {
  const { store, context } = await inbox()
  store.remove('INBOX', 1)
  store.deliver('INBOX', { bytes: mail('Subject: aardvark'), internalDate: day })
  assert.deepEqual([...context.view.sync(true, context.enabled)].length, 1)
  assert.deepEqual((await run(sort, context, ' (SUBJECT) UTF-8 ALL', true)).lines, ['* SORT 4 2 3'])
})

test('ESORT tells ends, count and page in the order of the sort', async () => {
  const { context } = await inbox()
  const outcome = await run(sort, context, ' RETURN (MIN MAX COUNT ALL) (ARRIVAL) UTF-8 ALL')
  assert.deepEqual(outcome.lines, ['* ESEARCH (TAG "a1") MIN 2 MAX 1 ALL 2:3,1 COUNT 3'])
  const page = await run(sort, context, ' RETURN (PARTIAL -1:-2) (ARRIVAL) UTF-8 ALL', true)
  assert.deepEqual(page.lines, ['* ESEARCH (TAG "a1") UID PARTIAL (-1:-2 3,1)'])
})

test('SAVE keeps what was sorted', async () => {
  const { context } = await inbox()
  assert.equal((await run(sort, context, ' RETURN (SAVE) (ARRIVAL) UTF-8 SUBJECT banana')).text, '')
  assert.deepEqual((await run(search, context, ' $')).lines, ['* SEARCH 1 3'])
})

test('an unknown charset is refused with those that are known', async () => {
  const { context } = await inbox()
  const { completion } = await run(sort, context, ' (DATE) X-NONE ALL')
  assert.equal(completion?.status, 'NO')
  assert.equal(completion?.code, 'BADCHARSET (UTF-8 US-ASCII)')
})

test('wrong criteria are refused', async () => {
  const { context } = await inbox()
  const wrong = ['()', '(REVERSE)', '(MOOD)', 'DATE', `(${'DATE '.repeat(19)})`, '(DATE) UTF-8', '(DATE) ALL']
  for (const text of wrong)
    await assert.rejects(
      run(sort, context, ` ${text}${text.endsWith(')') ? ' UTF-8 ALL' : ''}`),
      ProtocolError,
      text,
    )
})

test('a message that is gone is left out', async () => {
  const { store, context } = await inbox()
  const records = store.records.bind(store)
  const gone = store.keyOf('INBOX', 2)
  store.records = (keys, depth, signal) =>
    records(
      keys.filter((key) => key !== gone),
      depth,
      signal,
    )
  assert.deepEqual((await run(sort, context, ' (ARRIVAL) UTF-8 ALL')).lines, ['* SORT 3 1'])
})

test('long lists come out as by Array.sort, equals in their order', async () => {
  const values = Array.from({ length: 9000 }, (_, i) => (i * 7919) % 101)
  const rows = Uint32Array.from(values.keys())
  const compare = (a: number, b: number) => (values[a] as number) - (values[b] as number)
  const sorted = await inOrder(
    rows,
    compare,
    new Crowd(testClock).join().begin('work'),
    new AbortController().signal,
  )
  assert.deepEqual([...sorted], [...rows].sort(compare))
})

test('collation keys compare as titlecase decomposed UTF-8', () => {
  assert.equal(collationKey('aé'), collationKey('AE\u0301'))
  assert.ok(collationKey('a') < collationKey('B'))
  assert.ok(collationKey('\uffee') < collationKey('\u{1f600}'))
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, (some) => assert.equal(collationKey(some), collationKey(some.normalize('NFD')))),
  )
})
