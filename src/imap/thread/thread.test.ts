import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { thread } from '../commands/thread.ts'
import { ProtocolError } from '../parser.ts'
import { createMemoryMailstore, type MemoryMessage } from '../testing/memory-mailstore.ts'
import { run, selected } from '../testing/run-command.ts'
import { IdBook } from './letters.ts'
import { threadLine } from './threads.ts'

interface Sketch {
  readonly id?: string
  readonly refs?: string
  readonly replyTo?: string
  readonly subject?: string
  /** Minutes after the first of January. */
  readonly sent?: number
}

/** Messages as a sketch: sent one minute after the other unless told otherwise. */
function messages(sketches: readonly Sketch[]): MemoryMessage[] {
  return sketches.map(({ id, refs, replyTo, subject, sent }, i) => {
    const header = [`Date: ${new Date(Date.UTC(2026, 0, 1) + (sent ?? i) * 60_000).toUTCString()}`]
    if (id !== undefined) header.push(`Message-ID: <${id}@x.test>`)
    if (refs !== undefined) header.push(`References: ${refs.replaceAll(/[\w"]+/g, '<$&@x.test>')}`)
    if (replyTo !== undefined) header.push(`In-Reply-To: ${replyTo.replaceAll(/\w+/g, '<$&@x.test>')}`)
    if (subject !== undefined) header.push(`Subject: ${subject}`)
    return { bytes: `${header.join('\r\n')}\r\n\r\n`, internalDate: Date.UTC(2026, 0, 2) + i * 60_000 }
  })
}

async function threadsOf(
  sketches: readonly Sketch[],
  algorithm = 'REFERENCES',
  uid = false,
): Promise<string> {
  const store = createMemoryMailstore({
    address: 'a@x.test',
    mailboxes: [{ name: 'INBOX', messages: messages(sketches) }],
  })
  const { text } = await run(thread, await selected(store, 'INBOX'), ` ${algorithm} UTF-8 ALL`, uid)
  assert.ok(text.startsWith('* THREAD') && text.endsWith('\r\n'))
  return text.slice('* THREAD'.length, -2).trim()
}

test('replies hang below what they answer', async () => {
  assert.equal(
    await threadsOf([{ id: 'a' }, { id: 'b', refs: 'a' }, { id: 'c', refs: 'a b' }, { id: 'd', refs: 'a' }]),
    '(1 (2 3)(4))',
  )
})

test('In-Reply-To counts where there are no References, and only its first id', async () => {
  assert.equal(await threadsOf([{ id: 'a' }, { id: 'b' }, { id: 'c', replyTo: 'b a' }]), '(1)(2 3)')
  assert.equal(await threadsOf([{ id: 'a' }, { id: 'b' }, { id: 'c', refs: 'a', replyTo: 'b' }]), '(1 3)(2)')
})

test('a message that is not here holds its answers together; alone it is left out', async () => {
  assert.equal(await threadsOf([{ refs: 'gone' }, { refs: 'gone' }]), '((1)(2))')
  assert.equal(await threadsOf([{ refs: 'gone' }]), '(1)')
  assert.equal(await threadsOf([{ id: 'a' }, { refs: 'a gone lost' }, { refs: 'a gone' }]), '(1 (2)(3))')
  assert.equal(
    await threadsOf([{ refs: 'gone lost' }, { refs: 'gone lost' }, { refs: 'gone' }]),
    '((1)(2)(3))',
  )
})

test('siblings and threads are in order of the date sent', async () => {
  assert.equal(
    await threadsOf([
      { id: 'b', sent: 5 },
      { id: 'a', sent: 0 },
      { refs: 'a', sent: 9 },
      { refs: 'a', sent: 7 },
    ]),
    '(2 (4)(3))(1)',
  )
})

test('a message says itself who its parent is', async () => {
  // The third thinks that the second answers nobody; the second knows better.
  assert.equal(
    await threadsOf([{ id: 'a' }, { id: 'x', refs: 'c b' }, { id: 'b', refs: 'a' }, { id: 'c' }]),
    '(1 3 2)(4)',
  )
})

test('references in a circle give no circle', async () => {
  assert.equal(
    await threadsOf([
      { id: 'a', refs: 'b' },
      { id: 'b', refs: 'a' },
    ]),
    '(2 1)',
  )
  assert.equal(await threadsOf([{ id: 'a', refs: 'a' }]), '(1)')
  assert.equal(
    await threadsOf([
      { id: 'a', refs: 'c' },
      { id: 'b', refs: 'a' },
      { id: 'c', refs: 'b' },
    ]),
    '(3 1 2)',
  )
})

test('of several messages with one id the first has it', async () => {
  assert.equal(await threadsOf([{ id: 'a' }, { id: 'a' }, { refs: 'a' }]), '(1 3)(2)')
})

test('ids are the same with and without quotes', async () => {
  assert.equal(await threadsOf([{ id: '"a"' }, { refs: 'a' }]), '(1 2)')
})

test('threads of one subject are put together as RFC 5256 says', async () => {
  const table: [string, Sketch[], string][] = [
    ['a reply below the original', [{ subject: 'Tea' }, { subject: 'Re: tea' }], '(1 2)'],
    ['the original comes later', [{ subject: 'Re: Tea' }, { subject: 'Tea' }], '(2 1)'],
    ['two originals below nobody', [{ subject: 'Tea' }, { subject: 'TEA' }], '((1)(2))'],
    ['two replies below nobody', [{ subject: 'Re: Tea' }, { subject: 'Re: Tea' }], '((1)(2))'],
    ['three originals', [{ subject: 'Tea' }, { subject: 'Tea' }, { subject: 'Tea' }], '((1)(2)(3))'],
    ['no subject', [{ subject: '' }, {}, { subject: 'Re:' }], '(1)(2)(3)'],
    [
      'a letter joins a dummy',
      [{ refs: 'gone', subject: 'Tea' }, { refs: 'gone', subject: 'x' }, { subject: 'Tea' }],
      '((1)(2)(3))',
    ],
    [
      'a dummy takes the children of another',
      [
        { refs: 'gone', subject: 'Tea' },
        { refs: 'gone', subject: 'x' },
        { refs: 'lost', subject: 'Tea' },
        { refs: 'lost', subject: 'y' },
      ],
      '((1)(2)(3)(4))',
    ],
  ]
  for (const [what, sketches, expected] of table) assert.equal(await threadsOf(sketches), expected, what)
})

test('REFS does not guess by subject; the thread that moved last is the last', async () => {
  assert.equal(
    await threadsOf([{ id: 'a', subject: 'Tea' }, { subject: 'Re: Tea' }, { refs: 'a' }], 'REFS'),
    '(2)(1 3)',
  )
})

test('ORDEREDSUBJECT makes threads by subject alone, without grandchildren', async () => {
  assert.equal(
    await threadsOf(
      [
        { subject: 'Tea', sent: 5 },
        { subject: 'Milk', sent: 1 },
        { subject: 'Re: Tea', sent: 3 },
        { subject: '[list] tea', sent: 9 },
        { subject: 'Re: milk', sent: 2 },
      ],
      'ORDEREDSUBJECT',
    ),
    '(2 5)(3 (1)(4))',
  )
})

test('nothing found is an answer without threads; UID THREAD gives UIDs', async () => {
  assert.equal(await threadsOf([]), '')
  const store = createMemoryMailstore({
    address: 'a@x.test',
    mailboxes: [{ name: 'INBOX', messages: messages([{}, { id: 'a' }, { refs: 'a' }]) }],
  })
  store.remove('INBOX', 1)
  const context = await selected(store, 'INBOX')
  assert.equal((await run(thread, context, ' REFERENCES UTF-8 ALL', true)).text, '* THREAD (2 3)\r\n')
  assert.equal((await run(thread, context, ' REFERENCES UTF-8 UID 3', true)).text, '* THREAD (3)\r\n')
})

test('unknown algorithms are wrong, unknown charsets are refused', async () => {
  const context = await selected(
    createMemoryMailstore({ address: 'a@x.test', mailboxes: [{ name: 'INBOX' }] }),
    'INBOX',
  )
  await assert.rejects(run(thread, context, ' MAGIC UTF-8 ALL'), ProtocolError)
  await assert.rejects(run(thread, context, ' REFERENCES UTF-8'), ProtocolError)
  const { completion } = await run(thread, context, ' REFERENCES X-NONE ALL')
  assert.equal(completion?.code, 'BADCHARSET (UTF-8 US-ASCII)')
})

test('whatever messages refer to, each is in the answer once', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const sketch: fc.Arbitrary<Sketch> = fc.record({
    id: name,
    refs: fc.array(name, { maxLength: 4 }).map((names) => names.join(' ')),
    subject: fc.constantFrom('', 'Tea', 'Re: Tea', 'Milk', 'Fwd: Milk'),
    sent: fc.nat(5),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(sketch, { maxLength: 9 }), async (sketches) => {
      for (const algorithm of ['REFERENCES', 'REFS', 'ORDEREDSUBJECT']) {
        const answer = await threadsOf(sketches, algorithm)
        const numbers = (answer.match(/\d+/g) ?? []).map(Number).sort((a, b) => a - b)
        assert.deepEqual(
          numbers,
          sketches.map((_, i) => i + 1),
        )
        let depth = 0
        for (const character of answer) {
          if (character === '(') depth++
          if (character === ')') depth--
          assert.ok(depth >= 0 && (depth > 0 || character === ')'))
        }
        assert.equal(depth, 0)
      }
    }),
    { numRuns: 150 },
  )
})

test('a conversation of fifty thousand answers, each to the one before, is written without recursion', () => {
  const count = 50_000
  const chain = new Map(Array.from({ length: count - 1 }, (_, i) => [i, [i + 1]]))
  const line = [...threadLine({ letters: count, roots: [0], children: chain }, (node) => node + 1)].join('')
  assert.ok(line.startsWith('* THREAD (1 2 3 ') && line.endsWith(` ${count})\r\n`))
  const comb = new Map(
    Array.from({ length: count / 2 - 1 }, (_, i): [number, number[]] => [2 * i, [2 * i + 1, 2 * i + 2]]),
  )
  const nested = [...threadLine({ letters: count, roots: [0], children: comb }, (node) => node + 1)].join('')
  assert.ok(nested.startsWith('* THREAD (1 (2)(3 (4)(5 ') && nested.endsWith('))\r\n'))
})

test('ids beyond the bound are not noted, those of messages always are', () => {
  const book = new IdBook(1)
  for (let i = 0; book.numberOf(`<${i}@x>`, false) !== -1; i++) assert.ok(i < 30_000)
  assert.notEqual(book.numberOf('<own@x>', true), -1)
  assert.notEqual(book.numberOf('<0@x>', false), -1)
  assert.equal(book.numberOf(`<${'x'.repeat(2000)}@x>`, true), -1)
})
