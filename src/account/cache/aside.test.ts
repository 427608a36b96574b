import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createSeal } from '#auth/seal.ts'
import { createSideOpener } from '#auth/side-opener.ts'
import { accountId, messageId } from '#mail/ids.ts'
import type { SideOpener } from '#mail/side-opener.ts'
import { createMessageCache, type MessageCache } from './message-cache.ts'
import { messageOf } from './testing/message-of.ts'
import { silentLog } from './testing/silent-log.ts'

const root = mkdtempSync(join(tmpdir(), 'postern-aside-'))
after(() => rmSync(root, { recursive: true, force: true }))

const ada = accountId(1)
const megabyte = 1024 * 1024
const key = Buffer.alloc(32, 1)
const messages = new Map(
  Array.from({ length: 200 }, (_, index) => [
    messageId((0x18c0_0000_0000_0000n + BigInt(index)).toString(16)),
    messageOf(index, index === 100 ? 2_500_000 : 60_000),
  ]),
)

let folders = 0

/** A cache with all messages on disk, and the real thread with somebody who looks on. */
async function openAside(onOpen: (asked: number, close: () => Promise<void>) => void = () => {}) {
  const dir = join(root, String(++folders))
  const inner = createSideOpener({ key, log: silentLog, processors: 2 })
  const seen = { asked: 0, underway: 0, most: 0 }
  const side: SideOpener = {
    open(run, memory) {
      const answer = inner.open(run, memory)
      if (answer === undefined) return undefined
      seen.asked++
      seen.underway++
      seen.most = Math.max(seen.most, seen.underway)
      onOpen(seen.asked, () => inner.close())
      return answer.finally(() => seen.underway--)
    },
  }
  const options = {
    dir,
    diskBytes: 200 * megabyte,
    memoryBytes: 0,
    seal: createSeal(key),
    side,
    log: silentLog,
  }
  const filled = await createMessageCache(options)
  for (const [id, bytes] of messages) await filled.put(ada, id, bytes)
  return {
    dir,
    seen,
    cache: filled,
    reopened: () => createMessageCache(options),
    [Symbol.asyncDispose]: () => inner.close(),
  }
}

/** How many come, each checked to be what was put. */
async function readAll(cache: MessageCache): Promise<number> {
  let count = 0
  for await (const batch of cache.getMany(ada, [...messages.keys()]))
    for (const { id, bytes, release } of batch) {
      assert.ok(messages.get(id)?.equals(bytes), `message ${id} is another`)
      release?.()
      count++
    }
  return count
}

/** Reads until the thread has done some of it. */
async function readUntilAside(cache: MessageCache, seen: { asked: number }): Promise<void> {
  while (seen.asked === 0) assert.equal(await readAll(cache), messages.size)
}

test('a mailbox is opened beside the event loop, two stretches ahead at most', async () => {
  await using ground = await openAside()
  await readUntilAside(ground.cache, ground.seen)
  const before = ground.seen.asked
  assert.equal(await readAll(ground.cache), messages.size)
  assert.ok(ground.seen.asked > before)
  assert.ok(ground.seen.most <= 2, `${ground.seen.most} at once`)
  await ground.cache.close()
})

test('what few messages take is not asked of a thread', async () => {
  await using ground = await openAside()
  for await (const batch of ground.cache.getMany(ada, [...messages.keys()].slice(0, 20)))
    assert.ok(batch.length > 0)
  await setImmediate()
  assert.equal(ground.seen.asked, 0)
  await ground.cache.close()
})

test('when the thread ends in the middle the rest is opened here', async () => {
  await using ground = await openAside((asked, close) => {
    if (asked === 3) void close()
  })
  await readUntilAside(ground.cache, ground.seen)
  assert.equal(await readAll(ground.cache), messages.size)
  assert.equal(ground.seen.underway, 0)
  await ground.cache.close()
})

test('a tampered message is never given, its neighbours are', async () => {
  await using ground = await openAside()
  await readUntilAside(ground.cache, ground.seen)
  await ground.cache.close()
  const [path = ''] = globSync('**/*.mail', { cwd: ground.dir })
  const octets = readFileSync(join(ground.dir, path))
  octets[octets.length >>> 1]! ^= 1
  writeFileSync(join(ground.dir, path), octets)
  const again = await ground.reopened()
  const before = ground.seen.asked
  assert.equal(await readAll(again), messages.size - 1)
  assert.ok(ground.seen.asked > before)
  await again.close()
})

test('who leaves in the middle, and who closes while the thread reads, leave nothing wrong behind', async () => {
  await using ground = await openAside()
  await readUntilAside(ground.cache, ground.seen)
  const leave = async (batches: number): Promise<void> => {
    let left = batches
    for await (const batch of ground.cache.getMany(ada, [...messages.keys()])) {
      await setImmediate()
      for (const { id, bytes, release } of batch) {
        assert.ok(messages.get(id)?.equals(bytes), `message ${id} is another`)
        release?.()
      }
      if (--left === 0) break
    }
  }
  await Promise.all([leave(1), leave(2), leave(Infinity), leave(3), leave(Infinity)])
  const reading = ground.cache.getMany(ada, [...messages.keys()])[Symbol.asyncIterator]()
  assert.equal((await reading.next()).done, false)
  // The files are closed when the thread has done with them.
  await ground.cache.close()
  let rest = 0
  for (let next = await reading.next(); next.done !== true; next = await reading.next()) rest++
  assert.ok(rest < 10)
})
