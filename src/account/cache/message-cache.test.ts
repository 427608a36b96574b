import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import { createSeal } from '#auth/seal.ts'
import { accountId, messageId, type MessageId } from '#mail/ids.ts'
import { createMessageCache, type MessageCache, type MessageCacheOptions } from './message-cache.ts'
import { messageOf } from './testing/message-of.ts'
import { rememberingLog, silentLog } from './testing/silent-log.ts'

const root = mkdtempSync(join(tmpdir(), 'postern-cache-'))
after(() => rmSync(root, { recursive: true, force: true }))

const ada = accountId(1)
const ben = accountId(2)
const megabyte = 1024 * 1024
const seal = createSeal(Buffer.alloc(32, 1))

let folders = 0
function folder(): string {
  return join(root, String(++folders))
}

function open(dir: string, options: Partial<MessageCacheOptions> = {}): Promise<MessageCache> {
  return createMessageCache({
    dir,
    diskBytes: 100 * megabyte,
    memoryBytes: 0,
    seal,
    log: silentLog,
    ...options,
  })
}

function id(number: number): MessageId {
  return messageId((0x18c0_0000_0000_0000n + BigInt(number)).toString(16))
}

/** Puts messages `from` to `to` of ada. */
async function fill(cache: MessageCache, from: number, to: number, sizeBytes?: number): Promise<void> {
  for (let number = from; number <= to; number++)
    await cache.put(ada, id(number), messageOf(number, sizeBytes))
}

/** The numbers from 1 to `to` that are there, each checked to be the right message. */
async function present(cache: MessageCache, to: number, sizeBytes?: number): Promise<number[]> {
  const found: number[] = []
  for (let number = 1; number <= to; number++) {
    const bytes = await cache.get(ada, id(number))
    if (bytes === undefined) continue
    assert.ok(bytes.equals(messageOf(number, sizeBytes)), `message ${number} is another`)
    found.push(number)
  }
  return found
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

for (const [where, memoryBytes, diskBytes] of [
  ['memory', megabyte, 0],
  ['a folder', 0, megabyte],
  ['both', megabyte, megabyte],
] as const)
  test(`a cache in ${where} gives what was put, per account, and nothing else`, async () => {
    const cache = await open(folder(), { memoryBytes, diskBytes })
    await cache.put(ada, id(1), messageOf(1))
    await cache.put(ben, id(1), messageOf(2))
    assert.ok((await cache.get(ada, id(1)))?.equals(messageOf(1)))
    assert.ok((await cache.get(ben, id(1)))?.equals(messageOf(2)))
    assert.equal(await cache.get(ada, id(2)), undefined)
    assert.equal(cache.has(ada, id(1)), true)
    assert.equal(cache.has(ada, id(2)), false)
    assert.deepEqual([cache.stats().hits, cache.stats().misses], [2, 1])
    await cache.remove(ada, [id(1), id(9)])
    assert.equal(cache.has(ada, id(1)), false)
    assert.equal(await cache.get(ada, id(1)), undefined)
    await cache.removeAccount(ben)
    assert.equal(await cache.get(ben, id(1)), undefined)
    await cache.close()
    assert.equal(await cache.get(ada, id(1)), undefined)
    await cache.put(ada, id(1), messageOf(1))
  })

test('messages of no, of one and of many octets come back from disk', async () => {
  const dir = folder()
  const messages = [
    Buffer.alloc(0),
    Buffer.from('x'),
    Buffer.alloc(3 * megabyte, 'zeros '),
    messageOf(1, 3 * megabyte),
    Buffer.from('a slice of a pool'),
  ]
  const cache = await open(dir)
  for (const [number, bytes] of messages.entries()) await cache.put(ada, id(number), bytes)
  await cache.close()
  const again = await open(dir)
  for (const [number, bytes] of messages.entries())
    assert.ok((await again.get(ada, id(number)))?.equals(bytes), `message ${number}`)
  await again.close()
})

test('the memory keeps to its cap and holds a slice without what it was cut from', async () => {
  const cache = await open(folder(), { memoryBytes: 50_000, diskBytes: 0 })
  await fill(cache, 1, 100)
  assert.ok(cache.stats().memoryBytes <= 50_000)
  assert.deepEqual((await present(cache, 100)).at(-1), 100)
  const large = Buffer.alloc(megabyte)
  await cache.put(ben, id(1), large.subarray(0, 10))
  assert.ok(((await cache.get(ben, id(1)))?.buffer.byteLength ?? 0) < 1000)
  await cache.close()
})

test('the folder keeps to its cap, the oldest messages go first', async () => {
  const dir = folder()
  const cache = await open(dir, { diskBytes: megabyte })
  for (let number = 1; number <= 600; number++) {
    await cache.put(ada, id(number), messageOf(number))
    assert.ok(cache.stats().diskBytes <= megabyte)
  }
  const kept = await present(cache, 600)
  assert.deepEqual(kept, upTo(600).slice(-kept.length))
  assert.ok(kept.length > 200, `only ${kept.length} are kept`)
  assert.equal(cache.stats().entries, kept.length)
  const sizes = globSync('**/*.{mail,index}', { cwd: dir }).map((path) => statSync(join(dir, path)).size)
  assert.equal(
    sizes.reduce((sum, size) => sum + size),
    cache.stats().diskBytes,
  )
  await cache.close()

  const smaller = await open(dir, { diskBytes: megabyte / 2 })
  assert.ok(smaller.stats().diskBytes <= megabyte / 2)
  assert.deepEqual(await present(smaller, 600), upTo(600).slice(-smaller.stats().entries))
  await smaller.close()
})

test('a message larger than a quarter of the folder is not kept there', async () => {
  const cache = await open(folder(), { diskBytes: megabyte })
  await cache.put(ada, id(1), messageOf(1, megabyte))
  assert.equal(cache.has(ada, id(1)), false)
  await cache.close()
})

test('a cache opened again has everything and goes on', async () => {
  const dir = folder()
  for (let round = 0; round < 4; round++) {
    const cache = await open(dir)
    assert.equal(cache.stats().entries, round * 50)
    await fill(cache, round * 50 + 1, round * 50 + 50)
    await cache.close()
  }
  const cache = await open(dir)
  assert.deepEqual(await present(cache, 200), upTo(200))
  // Four short rounds fill one segment.
  assert.equal(globSync('**/*.mail', { cwd: dir }).length, 1)
  await cache.close()
})

test('what was removed stays removed, and its octets are overwritten', async () => {
  const dir = folder()
  const cache = await open(dir)
  await fill(cache, 1, 3)
  const [path = ''] = globSync('**/*.mail', { cwd: dir })
  const before = readFileSync(join(dir, path))
  const length = before.length / 3
  await cache.remove(ada, [id(2)])
  const octets = readFileSync(join(dir, path))
  assert.ok(octets.subarray(length - 100, 2 * length).includes(Buffer.alloc(1000)))
  await cache.close()
  const again = await open(dir)
  assert.deepEqual(await present(again, 3), [1, 3])
  await again.put(ada, id(2), messageOf(2))
  assert.deepEqual(await present(again, 3), [1, 2, 3])
  await again.remove(ada, upTo(3).map(id))
  assert.equal(again.stats().diskBytes, 0)
  await again.close()
})

test('an account that is removed leaves no file', async () => {
  const dir = folder()
  const cache = await open(dir)
  await fill(cache, 1, 30)
  await cache.put(ben, id(1), messageOf(1))
  await cache.removeAccount(ada)
  assert.deepEqual(globSync('1/**', { cwd: dir }), [])
  assert.ok((await cache.get(ben, id(1)))?.equals(messageOf(1)))
  await cache.close()
})

test('files are for their owner only', { skip: process.platform === 'win32' }, async () => {
  const dir = folder()
  const cache = await open(dir)
  await fill(cache, 1, 1)
  for (const path of globSync('**/*', { cwd: dir })) {
    const stat = statSync(join(dir, path))
    assert.equal(stat.mode & 0o077, 0, path)
  }
  await cache.close()
})

for (const [ending, cut] of [
  ['mail', 1],
  ['mail', 5000],
  ['index', 1],
  ['index', 30],
] as const)
  test(`a file .${ending} torn by ${cut} octets loses its last messages only`, async () => {
    const dir = folder()
    const cache = await open(dir)
    await fill(cache, 1, 20)
    await cache.close()
    const [path = ''] = globSync(`**/*.${ending}`, { cwd: dir })
    truncateSync(join(dir, path), statSync(join(dir, path)).size - cut)
    const again = await open(dir)
    const kept = await present(again, 20)
    assert.ok(kept.length >= 17 && kept.length < 20, `${kept.length} of 20 are left`)
    assert.deepEqual(kept, upTo(kept.length))
    await fill(again, 1, 30)
    assert.deepEqual(await present(again, 30), upTo(30))
    await again.close()
    const third = await open(dir)
    assert.deepEqual(await present(third, 30), upTo(30))
    await third.close()
  })

test('a flipped octet makes one message absent, with one warning, and it can be put again', async () => {
  const dir = folder()
  const cache = await open(dir)
  await fill(cache, 1, 20)
  await cache.close()
  const [path = ''] = globSync('**/*.mail', { cwd: dir })
  const octets = readFileSync(join(dir, path))
  const middle = Math.floor(octets.length / 2)
  octets[middle] = (octets[middle] as number) ^ 1
  writeFileSync(join(dir, path), octets)
  const { log, lines } = rememberingLog()
  const again = await open(dir, { log })
  assert.equal((await present(again, 20)).length, 19)
  assert.deepEqual(lines, ['warn: A cached message is damaged and will be downloaded again'])
  await fill(again, 1, 20)
  assert.deepEqual(await present(again, 20), upTo(20))
  await again.close()
})

test('whatever happens to an octet of any file, what is given is right', async () => {
  const dir = folder()
  const cache = await open(dir)
  await fill(cache, 1, 5, 200)
  await cache.close()
  const paths = globSync('**/*.{mail,index}', { cwd: dir })
  const whole = new Map(paths.map((path) => [path, readFileSync(join(dir, path))]))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (path, place, mask) => {
        rmSync(join(dir, '1'), { recursive: true })
        mkdirSync(join(dir, '1'))
        for (const [name, octets] of whole) writeFileSync(join(dir, name), octets)
        const octets = Buffer.from(whole.get(path) as Buffer)
        const at = place % octets.length
        octets[at] = (octets[at] as number) ^ mask
        writeFileSync(join(dir, path), octets)
        const damaged = await open(dir)
        await present(damaged, 5, 200)
        await fill(damaged, 1, 5, 200)
        assert.deepEqual(await present(damaged, 5, 200), upTo(5))
        await damaged.close()
      },
    ),
    { numRuns: 40 },
  )
})

test('under another key the cache is empty, says so once, and works', async () => {
  const dir = folder()
  const cache = await open(dir)
  await fill(cache, 1, 20)
  await cache.close()
  const { log, lines } = rememberingLog()
  const other = await open(dir, { seal: createSeal(Buffer.alloc(32, 2)), log })
  assert.deepEqual([other.stats().entries, await present(other, 20)], [0, []])
  assert.deepEqual(lines, [
    'warn: The message cache was made under another key or is damaged: it starts empty',
  ])
  await fill(other, 1, 20)
  assert.deepEqual(await present(other, 20), upTo(20))
  await other.close()
})

test('files of others in the folder are left alone', async () => {
  const dir = folder()
  const cache = await open(dir)
  await fill(cache, 1, 1)
  writeFileSync(join(dir, '1', 'notes.txt'), 'mine')
  writeFileSync(join(dir, 'notes.txt'), 'mine')
  await cache.close()
  const other = await open(dir, { seal: createSeal(Buffer.alloc(32, 2)) })
  await other.removeAccount(ada)
  await other.close()
  assert.deepEqual(globSync('**/*.txt', { cwd: dir }).length, 2)
})

test('a folder that cannot be used gives a cache in memory, one warning, and heals', async () => {
  const dir = folder()
  writeFileSync(dir, 'a file where the folder should be')
  const { log, lines } = rememberingLog()
  const cache = await open(dir, { memoryBytes: megabyte, log, retryMs: 0 })
  await fill(cache, 1, 20)
  assert.deepEqual(await present(cache, 20), upTo(20))
  assert.equal(cache.stats().entries, 0)
  assert.deepEqual(lines, ['warn: The message cache cannot use its folder and goes on in memory'])
  rmSync(dir)
  await fill(cache, 21, 30)
  assert.equal(cache.stats().entries, 10)
  assert.equal(lines.at(-1), 'info: The message cache can use its folder again')
  await cache.close()
  const again = await open(dir, { log })
  assert.equal(again.stats().entries, 10)
  assert.equal(lines.length, 2)
  await again.close()
})

test('while the disk refuses nothing is tried before its time', async () => {
  const dir = folder()
  writeFileSync(dir, '')
  const cache = await open(dir, { retryMs: 3_600_000 })
  rmSync(dir)
  await fill(cache, 1, 20)
  assert.equal(cache.stats().entries, 0)
  await cache.close()
})

test('many at once put, read and remove without getting in each other’s way', async () => {
  const cache = await open(folder(), { diskBytes: 4 * megabyte, memoryBytes: 100_000 })
  const rounds = upTo(2000).map(async (number) => {
    await cache.put(ada, id(number), messageOf(number))
    const [own, older] = await Promise.all([cache.get(ada, id(number)), cache.get(ada, id(number - 100))])
    assert.ok(own === undefined || own.equals(messageOf(number)))
    assert.ok(older === undefined || older.equals(messageOf(number - 100)))
    if (number % 3 === 0) await cache.remove(ada, [id(number)])
  })
  await Promise.all(rounds)
  const kept = await present(cache, 2000)
  assert.ok(kept.length > 500)
  assert.ok(kept.every((number) => number % 3 !== 0))
  assert.ok(cache.stats().diskBytes <= 4 * megabyte)
  await cache.close()
})

test('after a kill in the middle everything that was said to be there is there', async () => {
  const dir = folder()
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'put-forever.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let done = 0
  for await (const line of createInterface({ input: child.stdout })) {
    done = Number(line)
    if (done === 300) child.kill('SIGKILL')
  }
  assert.ok(done >= 300)
  const cache = await open(dir)
  for (let number = 1; number <= done; number++)
    assert.ok(
      (await cache.get(ada, messageId(number.toString(16))))?.equals(messageOf(number)),
      `message ${number}`,
    )
  await cache.put(ada, id(1), messageOf(1))
  assert.equal(cache.has(ada, id(1)), true)
  await cache.close()
})
