import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import { createSeal } from '#auth/seal.ts'
import { accountId, messageId, type MessageId } from '#mail/ids.ts'
import { createMessageCache, type MessageCache, type MessageCacheOptions } from './message-cache.ts'
import { messageOf } from './testing/message-of.ts'
import { silentLog } from './testing/silent-log.ts'

const root = mkdtempSync(join(tmpdir(), 'postern-bulk-'))
after(() => rmSync(root, { recursive: true, force: true }))

const ada = accountId(1)
const megabyte = 1024 * 1024

let folders = 0

function open(options: Partial<MessageCacheOptions> = {}): Promise<MessageCache> {
  return createMessageCache({
    dir: join(root, String(++folders)),
    diskBytes: 100 * megabyte,
    memoryBytes: 0,
    seal: createSeal(Buffer.alloc(32, 1)),
    log: silentLog,
    ...options,
  })
}

function id(number: number): MessageId {
  return messageId((0x18c0_0000_0000_0000n + BigInt(number)).toString(16))
}

function text(number: number, sizeBytes: number): Buffer {
  return Buffer.from(`Subject: ${number}\r\n\r\n`.padEnd(sizeBytes, `words of ${number}, `))
}

/** What comes, in its order; each checked to be what was put. */
async function many(
  cache: MessageCache,
  numbers: readonly number[],
  messages: ReadonlyMap<number, Buffer>,
): Promise<number[]> {
  const found: number[] = []
  const byId = new Map(numbers.map((number) => [id(number), number]))
  for await (const batch of cache.getMany(ada, [...byId.keys()]))
    for (const { id: given, bytes } of batch) {
      const number = byId.get(given) as number
      assert.ok(messages.get(number)?.equals(bytes), `message ${number} is another`)
      found.push(number)
    }
  return found
}

test('many messages come back right, compressed or not, long or short, from memory or disk', async () => {
  const sizes = fc.oneof(fc.nat(200), fc.integer({ min: 2000, max: 90_000 }), fc.constant(1_200_000))
  const message = fc.record({ size: sizes, noise: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 30 }),
      fc.infiniteStream(fc.nat(40)),
      fc.constantFrom(0, 300_000),
      fc.constantFrom(8 * megabyte, 100 * megabyte),
      async (shapes, asked, memoryBytes, diskBytes) => {
        const cache = await open({ memoryBytes, diskBytes })
        const messages = new Map(
          shapes.map(({ size, noise }, number) => [
            number,
            noise ? messageOf(number, size) : text(number, size),
          ]),
        )
        for (const [number, bytes] of messages) await cache.put(ada, id(number), bytes)
        const there = [...messages.keys()].filter((number) => cache.has(ada, id(number)))
        const numbers = [...new Set([...asked.take(20), ...messages.keys()])]
        const found = await many(cache, numbers, messages)
        assert.deepEqual(
          found.toSorted((a, b) => a - b),
          there,
        )
        await cache.close()
      },
    ),
    { numRuns: 25 },
  )
})

test('neighbours on disk come in the order in which they were asked for', async () => {
  const cache = await open()
  const messages = new Map<number, Buffer>()
  for (let number = 40; number >= 1; number--) {
    messages.set(number, messageOf(number))
    await cache.put(ada, id(number), messages.get(number) as Buffer)
  }
  const upwards = [...messages.keys()].toReversed()
  assert.deepEqual(await many(cache, upwards, messages), upwards)
  await cache.close()
})

test('a damaged message is left out, its neighbours are not', async () => {
  const dir = join(root, 'damaged')
  const cache = await open({ dir })
  const messages = new Map(Array.from({ length: 20 }, (_, index) => [index, messageOf(index)]))
  for (const [number, bytes] of messages) await cache.put(ada, id(number), bytes)
  await cache.close()
  const [path = ''] = globSync('**/*.mail', { cwd: dir })
  const octets = readFileSync(join(dir, path))
  octets[octets.length >>> 1]! ^= 1
  writeFileSync(join(dir, path), octets)
  const again = await open({ dir })
  assert.equal((await many(again, [...messages.keys()], messages)).length, 19)
  await again.close()
})

test('reading everything throws nothing out of the memory, and takes what is free there where it fits', async () => {
  const memoryBytes = 400_000
  const dir = join(root, 'kept')
  const cache = await open({ dir, memoryBytes })
  const messages = new Map(Array.from({ length: 100 }, (_, index) => [index, messageOf(index)]))
  for (const [number, bytes] of messages) await cache.put(ada, id(number), bytes)
  const newest = await cache.get(ada, id(99))
  const before = cache.stats().memoryBytes
  await many(cache, [...messages.keys()], messages)
  assert.ok(cache.stats().memoryBytes >= before)
  assert.ok(cache.stats().memoryBytes <= memoryBytes)
  assert.equal(await cache.get(ada, id(99)), newest, 'the newest is still the same buffer')
  await cache.close()
  const [fits, doesNot] = [await reopened(40 * megabyte), await reopened(memoryBytes)]
  assert.deepEqual([fits.inMemory, doesNot.inMemory], [100, 0])

  async function reopened(bytes: number): Promise<{ inMemory: number }> {
    const again = await open({ dir, memoryBytes: bytes })
    await many(again, [...messages.keys()], messages)
    const inMemory = [...messages.keys()].filter((number) => again.atHand(ada, id(number)) !== undefined)
    await again.close()
    return { inMemory: inMemory.length }
  }
})

test('a reader that leaves in the middle leaves nothing open', async () => {
  const cache = await open()
  const messages = new Map(Array.from({ length: 50 }, (_, index) => [index, messageOf(index, 100_000)]))
  for (const [number, bytes] of messages) await cache.put(ada, id(number), bytes)
  for await (const batch of cache.getMany(ada, [...messages.keys()].map(id))) {
    assert.ok(batch.length > 0)
    break
  }
  const reading = cache.getMany(ada, [...messages.keys()].map(id))[Symbol.asyncIterator]()
  assert.equal((await reading.next()).done, false)
  // It closes although somebody is in the middle of reading, who then finds nothing more.
  await cache.close()
  let rest = 0
  for (let next = await reading.next(); next.done !== true; next = await reading.next()) rest++
  assert.ok(rest < 10)
})

test('memory that goes round is nobody’s while it is read into, whoever leaves when', async () => {
  const cache = await open()
  const messages = new Map(Array.from({ length: 60 }, (_, index) => [index, messageOf(index, 90_000)]))
  for (const [number, bytes] of messages) await cache.put(ada, id(number), bytes)
  const byId = new Map([...messages].map(([number, bytes]) => [id(number), bytes]))
  const read = async (batches: number) => {
    let left = batches
    for await (const batch of cache.getMany(ada, [...byId.keys()])) {
      // Others go on reading while these are looked at.
      await new Promise((resolve) => setImmediate(resolve))
      for (const { id: given, bytes, release } of batch) {
        assert.ok(byId.get(given)?.equals(bytes), `message ${given} is another`)
        release?.()
      }
      left--
      if (left === 0) break
    }
    return left
  }
  const readers = Array.from({ length: 24 }, (_, index) => read(index % 4 === 0 ? Infinity : index % 7))
  await Promise.all(readers)
  await cache.close()
})
