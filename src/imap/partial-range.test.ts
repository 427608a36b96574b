import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { fetch } from './commands/fetch.ts'
import { search } from './commands/search.ts'
import { pageOf, readPartialRange } from './partial-range.ts'
import { Parser, ProtocolError } from './parser.ts'
import { createMemoryMailstore } from './testing/memory-mailstore.ts'
import { run, selected } from './testing/run-command.ts'

function range(text: string) {
  return readPartialRange(new Parser(Buffer.from(text)))
}

async function tenMessages() {
  const messages = Array.from({ length: 10 }, (_, i) => ({
    bytes: `Subject: ${i + 1}\r\n\r\n`,
    flags: i % 2 === 0 ? ['\\Seen'] : [],
  }))
  return selected(
    createMemoryMailstore({ address: 'a@x.test', mailboxes: [{ name: 'INBOX', messages }] }),
    'INBOX',
  )
}

test('a page is a slice of the results, from either end, its ends in either order', () => {
  const results = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 50 })
  const position = fc.integer({ min: 1, max: 60 })
  fc.assert(
    fc.property(results, position, position, (numbers, one, other) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)]
      const all = Uint32Array.from(numbers)
      assert.deepEqual(
        [...pageOf(all, range(`${one}:${other}`))],
        numbers.filter((_, i) => i + 1 >= low && i + 1 <= high),
      )
      assert.deepEqual(
        [...pageOf(all, range(`-${one}:-${other}`))],
        numbers.filter((_, i) => numbers.length - i >= low && numbers.length - i <= high),
      )
    }),
  )
})

test('positions are numbers from 1, both with a minus or none', () => {
  for (const text of ['0:5', '1:0', '1', '1:', '-1:5', '1:-5', '*:1', '1:*', '4294967296:1', '--1:-2'])
    assert.throws(() => range(text), ProtocolError, text)
})

test('SEARCH gives one page of what it found', async () => {
  const context = await tenMessages()
  const lines = async (text: string, uid = false) => (await run(search, context, text, uid)).lines
  assert.deepEqual(await lines(' RETURN (PARTIAL 1:3) SEEN'), ['* ESEARCH (TAG "a1") PARTIAL (1:3 1,3,5)'])
  assert.deepEqual(await lines(' RETURN (PARTIAL -1:-2) SEEN', true), [
    '* ESEARCH (TAG "a1") UID PARTIAL (-1:-2 7,9)',
  ])
  assert.deepEqual(await lines(' RETURN (PARTIAL 4:2) SEEN'), ['* ESEARCH (TAG "a1") PARTIAL (2:4 3,5,7)'])
  assert.deepEqual(await lines(' RETURN (PARTIAL 6:9 COUNT) SEEN'), [
    '* ESEARCH (TAG "a1") COUNT 5 PARTIAL (6:9 NIL)',
  ])
})

test('SAVE with PARTIAL saves the page, with MIN and MAX if they are asked for', async () => {
  const context = await tenMessages()
  const saved = async (options: string) => {
    await run(search, context, ` RETURN (SAVE ${options}) ALL`)
    return [...context.view.saved]
  }
  assert.deepEqual(await saved('PARTIAL 3:4'), [3, 4])
  assert.deepEqual(await saved('MIN PARTIAL 3:4'), [1, 3, 4])
  assert.deepEqual(await saved('MAX PARTIAL 9:20'), [9, 10])
  assert.deepEqual(await saved('PARTIAL 20:30'), [])
})

test('PARTIAL is asked for once, and not with ALL', async () => {
  const context = await tenMessages()
  for (const options of ['PARTIAL 1:2 PARTIAL 3:4', 'ALL PARTIAL 1:2', 'PARTIAL'])
    await assert.rejects(run(search, context, ` RETURN (${options}) ALL`), ProtocolError)
})

test('UID FETCH gives one page of the messages, of which CHANGEDSINCE chooses', async () => {
  const context = await tenMessages()
  const answer = await run(fetch, context, ' 1:* FLAGS (PARTIAL -1:-2)', true)
  assert.deepEqual(answer.lines, ['* 9 FETCH (UID 9 FLAGS (\\Seen))', '* 10 FETCH (UID 10 FLAGS ())'])
  const modSeq = context.view.told.modSeqs[7] as number
  const both = await run(fetch, context, ` 1:* UID (PARTIAL -1:-2 CHANGEDSINCE ${modSeq + 1})`, true)
  assert.deepEqual(both.lines, [`* 10 FETCH (UID 10 MODSEQ (${modSeq + 2}))`])
  const none = await run(fetch, context, ` 1:* UID (PARTIAL 1:1 CHANGEDSINCE ${modSeq})`, true)
  assert.deepEqual(none.lines, [])
})

test('FETCH by sequence numbers has pages too', async () => {
  const { lines } = await run(fetch, await tenMessages(), ' 2:* UID (PARTIAL 1:2)')
  assert.deepEqual(lines, ['* 2 FETCH (UID 2)', '* 3 FETCH (UID 3)'])
})
