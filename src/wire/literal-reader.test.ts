import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LineReader } from './line-reader.ts'
import { readWithLiterals } from './literal-reader.ts'
import type { Incoming, LiteralAllowance } from './literal-reader.ts'

const usual: LiteralAllowance = { oneBytes: 200_000, sumBytes: 300_000, count: 3, discardBytes: 1_000_000 }

function setUp(given: Partial<LiteralAllowance> = {}, hasRoom = true) {
  const reader = new LineReader({ pause() {}, resume() {} })
  let yeses = 0
  const asked: number[] = []
  const read = (): Promise<Incoming> =>
    readWithLiterals(reader, 1000, {
      announced(line) {
        const found = /\{(\d+)(\+?)\}$/.exec(line.toString('latin1'))
        return found === null ? undefined : { sizeBytes: Number(found[1]), synchronising: found[2] === '' }
      },
      allowance: () => ({ ...usual, ...given }),
      async room(sizeBytes) {
        asked.push(sizeBytes)
        return hasRoom
      },
      goOn: () => yeses++,
    })
  return { reader, read, asked, yeses: () => yeses }
}

const tooLarge = { kind: 'refused', why: 'too-large' }

test('room is asked for large literals alone; where there is none they are refused, and what follows is read', async () => {
  const large = 'x'.repeat(100_000)
  const { reader, read, asked } = setUp()
  reader.push(Buffer.from(`a {2}\r\nhi {100000}\r\n${large}\r\n`))
  assert.equal((await read()).kind, 'whole')
  assert.deepEqual(asked, [100_000])
  const full = setUp({}, false)
  full.reader.push(Buffer.from(`b {100000}\r\nc {100000+}\r\n${large}\r\nnext\r\n`))
  const why = { kind: 'refused', why: 'no-room', comes: false }
  assert.deepEqual(await full.read(), { ...why, firstLine: Buffer.from('b {100000}') })
  assert.equal(full.yeses(), 0)
  assert.deepEqual(await full.read(), { ...why, firstLine: Buffer.from('c {100000+}') })
  assert.equal((await full.reader.line(10))?.toString(), 'next')
})

test('large literals are kept apart, at the place where they would begin; small ones are inline', async () => {
  const { reader, read, yeses } = setUp()
  const large = 'x'.repeat(100_000)
  reader.push(Buffer.from(`a {2}\r\nhi {100000+}\r\n${large} b {1}\r\n!\r\nnext\r\n`))
  const incoming = await read()
  assert.ok(incoming.kind === 'whole')
  assert.equal(incoming.bytes.toString(), 'a {2}\r\nhi {100000+}\r\n b {1}\r\n!')
  assert.deepEqual([...incoming.literals.keys()], ['a {2}\r\nhi {100000+}\r\n'.length])
  assert.equal([...incoming.literals.values()][0]?.toString(), large)
  assert.equal(yeses(), 2)
  assert.equal((await reader.line(10))?.toString(), 'next')
})

test('what is too large is refused before the client may send it', async () => {
  const { reader, read, yeses } = setUp()
  reader.push(Buffer.from('a {200001}\r\nnext\r\n'))
  assert.deepEqual(await read(), { ...tooLarge, firstLine: Buffer.from('a {200001}'), comes: false })
  assert.equal(yeses(), 0)
  assert.equal((await reader.line(10))?.toString(), 'next')
})

test('what is too large and comes unasked is thrown away with all that belongs to it', async () => {
  const { reader, read } = setUp()
  reader.push(Buffer.from(`a {200001+}\r\n`))
  const incoming = read()
  for (let i = 0; i < 200; i++) reader.push(Buffer.alloc(1000, 'x'))
  reader.push(Buffer.from('x {3+}\r\nabc\r\nnext\r\n'))
  assert.deepEqual(await incoming, { ...tooLarge, firstLine: Buffer.from('a {200001+}'), comes: false })
  assert.equal((await reader.line(10))?.toString(), 'next')
})

test('what is far too large is not waited for', async () => {
  const { reader, read } = setUp()
  reader.push(Buffer.from('a {999999999+}\r\n'))
  assert.deepEqual(await read(), { ...tooLarge, firstLine: Buffer.from('a {999999999+}'), comes: true })
})

test('the first literal may be held shorter, and all together have a limit', async () => {
  const { reader, read } = setUp({ firstBytes: 2 })
  reader.push(Buffer.from('a {3+}\r\nabc\r\nb {2+}\r\nab {3+}\r\nabc\r\n'))
  assert.equal((await read()).kind, 'refused')
  assert.equal((await read()).kind, 'whole')
  const again = setUp()
  again.reader.push(Buffer.from('a {1+}\r\n. {1+}\r\n. {1+}\r\n. {1+}\r\n.\r\nnext\r\n'))
  assert.equal((await again.read()).kind, 'refused')
  assert.equal((await again.reader.line(10))?.toString(), 'next')
})

test('a literal is the same octets however they arrive', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }),
      async (octets, cuts) => {
        const { reader, read } = setUp()
        const incoming = read()
        const all = Buffer.concat([Buffer.from(`a {${octets.length}+}\r\n`), octets, Buffer.from('\r\n')])
        for (let at = 0, i = 0; at < all.length; i++) {
          const end = at + (cuts[i % cuts.length] as number)
          reader.push(all.subarray(at, end))
          at = end
        }
        const whole = await incoming
        assert.ok(whole.kind === 'whole')
        assert.deepEqual(whole.bytes.subarray(-octets.length), Buffer.from(octets))
      },
    ),
  )
})
