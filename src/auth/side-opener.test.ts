import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { OpenedRun, SealedRun } from '#mail/side-opener.ts'
import type { Log } from '#mail/surroundings.ts'
import { createSeal } from './seal.ts'
import { createSideOpener, type ClosableSideOpener, type SideOpenerOptions } from './side-opener.ts'

const root = mkdtempSync(join(tmpdir(), 'postern-side-'))
after(() => rmSync(root, { recursive: true, force: true }))

const key = Buffer.alloc(32, 1)
const seal = createSeal(key)
const warnings: string[] = []
const log: Log = {
  debug: () => {},
  info: () => {},
  warn: (_, message) => void warnings.push(message),
  error: () => {},
  child: () => log,
}

function opener(options: Partial<SideOpenerOptions> = {}): ClosableSideOpener {
  return createSideOpener({ key, log, processors: 2, ...options })
}

const texts = ['one', 'two'.repeat(100_000), '', 'four'.repeat(500_000)]

/** A file of sealed values with something between them. */
function fileOf(change: (octets: Buffer) => Buffer = (octets) => octets) {
  const sealed = texts.map((text, index) => seal.seal(Buffer.from(text), `value ${index}`))
  const ats: number[] = []
  let length = 0
  for (const one of sealed) {
    ats.push(length + 5)
    length += 5 + one.length
  }
  const octets = Buffer.concat(sealed.flatMap((one) => [Buffer.from('....,'), one]))
  const path = join(root, `${Math.random()}`)
  writeFileSync(path, Buffer.concat([Buffer.from('before'), change(octets)]))
  const fd = openSync(path, 'r')
  const lengths = sealed.map((one) => one.length)
  const run: SealedRun = { fd, offset: 6, length, ats, lengths, purposes: texts.map((_, i) => `value ${i}`) }
  return { run, [Symbol.dispose]: () => closeSync(fd) }
}

/** Asks until there is a thread that answers. */
async function asked(side: ClosableSideOpener, run: SealedRun): Promise<OpenedRun | undefined> {
  for (;;) {
    const memory = new ArrayBuffer(run.length)
    const answer = side.open(run, memory)
    if (answer !== undefined) {
      assert.ok(memory.detached, 'the memory is the thread’s meanwhile')
      return await answer
    }
    assert.equal(memory.detached, false, 'who is not served keeps the memory')
    assert.ok(side.running, 'there is no thread')
    await setImmediate()
  }
}

function textsOf(run: SealedRun, opened: OpenedRun | undefined): (string | undefined)[] {
  assert.ok(opened !== undefined)
  return opened.lengths.map((length, index) =>
    length < 0 ? undefined : Buffer.from(opened.memory, run.ats[index], length).toString(),
  )
}

test('values of a file are read and opened in another thread, each where it lay', async () => {
  const side = opener()
  using file = fileOf()
  assert.equal(side.running, false, 'nothing is begun before somebody asks')
  const opened = await Promise.all([asked(side, file.run), asked(side, file.run), asked(side, file.run)])
  for (const one of opened) assert.deepEqual(textsOf(file.run, one), texts)
  await side.close()
  assert.equal(side.running, false)
  assert.equal(side.open(file.run, new ArrayBuffer(file.run.length)), undefined)
})

test('what was changed, cut off or moved is not opened, its neighbours are', async () => {
  const side = opener()
  using changed = fileOf((octets) => {
    octets[octets.length - 1_999_000]! ^= 1
    return octets
  })
  assert.deepEqual(textsOf(changed.run, await asked(side, changed.run)), [...texts.slice(0, 3), undefined])
  using cut = fileOf((octets) => octets.subarray(0, -1))
  assert.deepEqual(textsOf(cut.run, await asked(side, cut.run)), [...texts.slice(0, 3), undefined])
  using whole = fileOf()
  const moved = { ...whole.run, purposes: ['value 1', 'value 1', 'value 2', 'value 2'] }
  assert.deepEqual(textsOf(moved, await asked(side, moved)), [undefined, texts[1], '', undefined])
  const nowhere = { ...whole.run, fd: 99_999 }
  assert.deepEqual(
    textsOf(nowhere, await asked(side, nowhere)),
    texts.map(() => undefined),
  )
  await side.close()
})

test('the thread ends when nobody asks any more, and the next one begins when somebody does', async () => {
  const side = opener({ idleMs: 50 })
  using file = fileOf()
  for (let life = 0; life < 2; life++) {
    assert.deepEqual(textsOf(file.run, await asked(side, file.run)), texts)
    while (side.running) await setImmediate()
  }
  await side.close()
})

test('closing answers whoever waits', async () => {
  const side = opener()
  using file = fileOf()
  await asked(side, file.run)
  const waiting = Array.from({ length: 20 }, async () => {
    return await side.open(file.run, new ArrayBuffer(file.run.length))
  })
  await side.close()
  for (const one of await Promise.all(waiting))
    if (one !== undefined) assert.deepEqual(textsOf(file.run, one), texts)
})

test('a thread that fails is said once and not begun again at once; who waited is told', async () => {
  const path = join(root, 'failing.mjs')
  writeFileSync(
    path,
    `import { parentPort } from 'node:worker_threads'
     parentPort.on('message', () => { throw new Error('broken') })
     parentPort.postMessage('ready')`,
  )
  const side = opener({ module: pathToFileURL(path) })
  using file = fileOf()
  assert.equal(await asked(side, file.run), undefined)
  assert.equal(side.open(file.run, new ArrayBuffer(file.run.length)), undefined)
  assert.equal(side.running, false)
  assert.deepEqual(warnings, ['The thread that opens messages failed: they are opened without it'])
  await side.close()
})

test('a machine with one processor has no thread', () => {
  const side = opener({ processors: 1 })
  using file = fileOf()
  assert.equal(side.open(file.run, new ArrayBuffer(file.run.length)), undefined)
  assert.equal(side.running, false)
})
