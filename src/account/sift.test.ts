import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { messageKey, type MessageKey } from '#mail/ids.ts'
import { sieveOf } from '#mail/mime/text-sieve.ts'
import { RecordMemory } from './cache/record-memory.ts'
import { sift } from './sift.ts'

const never = new AbortController().signal
const words = ['garden', 'budget', 'harbour', 'mailbox', 'quarterly', 'zymurgy']

function sieveOfText(text: string): Buffer {
  return sieveOf(Buffer.from(`Subject: one\r\n\r\n${text}\r\n`)) ?? assert.fail()
}

/** Sieves by key, and how many were asked for. */
class Sieves {
  readonly byKey: Map<MessageKey, Buffer>
  asked = 0

  constructor(texts: readonly (string | undefined)[]) {
    this.byKey = new Map(
      texts.flatMap((text, index) =>
        text === undefined ? [] : [[messageKey(index + 1), sieveOfText(text)] as const],
      ),
    )
  }

  sieves(keys: readonly MessageKey[]): Promise<ReadonlyMap<MessageKey, Buffer>> {
    this.asked += keys.length
    const found = keys.flatMap((key) => {
      const sieve = this.byKey.get(key)
      return sieve === undefined ? [] : [[key, sieve] as const]
    })
    return Promise.resolve(new Map(found))
  }
}

test('what is found is the same whatever is in memory, and nobody with the text is missing', async () => {
  const text = fc.option(fc.array(fc.constantFrom(...words), { maxLength: 8 }), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 30 }),
      fc.uniqueArray(fc.constantFrom(...words, 'garden budget', 'abc'), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(0, 1000, 1_000_000),
      async (lists, wanted, room) => {
        const texts = lists.map((list) => list?.join(' '))
        const store = new Sieves(texts)
        const keys = texts.map((_, index) => messageKey(index + 1))
        const records = new RecordMemory(room).open()
        const first = await sift({ store, records }, keys, wanted, never)
        records.drop(keys.slice(0, 2))
        assert.deepEqual(await sift({ store, records }, keys, wanted, never), first)
        for (const one of wanted)
          for (const [index, said] of texts.entries())
            if (said === undefined || said.includes(one))
              assert.ok(first.get(one)?.has(messageKey(index + 1)), `${one} in ${said}`)
      },
    ),
    { numRuns: 200 },
  )
})

test('what was read for one search is not read for the next, but for what ceased to exist', async () => {
  const store = new Sieves(words)
  const keys = words.map((_, index) => messageKey(index + 1))
  const records = new RecordMemory(1_000_000).open()
  const find = async (text: string) => [
    ...((await sift({ store, records }, keys, [text], never)).get(text) ?? []),
  ]
  assert.deepEqual(await find('budget'), [2])
  assert.deepEqual(await find('harbour'), [3])
  assert.equal(store.asked, words.length)
  records.drop([messageKey(3)])
  store.byKey.delete(messageKey(3))
  assert.deepEqual(await find('budget'), [2, 3], 'without a sieve it may hold anything')
  assert.equal(store.asked, words.length + 1)
})
