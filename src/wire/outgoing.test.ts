import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { areGone, lend } from '#mail/lent-octets.ts'
import { Outgoing } from './outgoing.ts'

interface Sink extends Writable {
  readonly writes: Buffer[]
  /** Lets the writes held so far, and those that follow, be done. */
  open(): void
}

function sink(isOpen = true): Sink {
  const writes: Buffer[] = []
  let held: (() => void)[] | undefined = isOpen ? undefined : []
  const stream = new Writable({
    decodeStrings: true,
    writev(chunks, done) {
      writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)))
      if (held === undefined) done()
      else held.push(done)
    },
  })
  return Object.assign(stream, {
    writes,
    open() {
      for (const done of held ?? []) done()
      held = undefined
    },
  })
}

test('small chunks are joined into one write, and octets keep their value', () => {
  const stream = sink()
  const outgoing = new Outgoing(stream)
  for (let i = 0; i < 100; i++) void outgoing.write(`* ${i} EXISTS\r\n`)
  void outgoing.write(Buffer.from([0, 128, 255]))
  void outgoing.write('\xe9')
  outgoing.flush()
  assert.equal(stream.writes.length, 1)
  assert.deepEqual([...(stream.writes[0] as Buffer).subarray(-4)], [0, 128, 255, 0xe9])
})

test('what was written goes out by itself at the end of the turn', async () => {
  const stream = sink()
  void new Outgoing(stream).write('* OK\r\n')
  assert.equal(stream.writes.length, 0)
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  assert.equal(stream.writes.length, 1)
})

test('the writer waits while the socket holds too much, and goes on when it is taken', async () => {
  const stream = sink(false)
  const outgoing = new Outgoing(stream, { heldBytes: 100_000, stalledMs: 60_000 })
  assert.equal(outgoing.write(Buffer.alloc(50_000)), undefined)
  const wait = outgoing.write(Buffer.alloc(60_000))
  assert.ok(wait instanceof Promise)
  let resolved = false
  const then = (async () => {
    await wait
    resolved = true
  })()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(resolved, false)
  stream.open()
  await then
  assert.equal(outgoing.write('x'), undefined)
})

test('a message larger than what may be held goes out in parts, in order', async () => {
  const stream = sink()
  const outgoing = new Outgoing(stream, { heldBytes: 300_000, stalledMs: 60_000 })
  const bytes = Buffer.alloc(2_000_000, 'abcdefg')
  void outgoing.write('{2000000}\r\n')
  await outgoing.write(bytes)
  void outgoing.write(')\r\n')
  outgoing.flush()
  assert.deepEqual(
    Buffer.concat(stream.writes),
    Buffer.concat([Buffer.from('{2000000}\r\n'), bytes, Buffer.from(')\r\n')]),
  )
  assert.ok(stream.writes.length > 2)
})

test('a client that takes nothing for too long is dropped', async () => {
  const stream = sink(false)
  stream.on('error', () => {})
  const outgoing = new Outgoing(stream, { heldBytes: 10, stalledMs: 20 })
  await assert.rejects(async () => {
    await outgoing.write(Buffer.alloc(100_000))
  }, /The connection has ended/)
  assert.ok(stream.destroyed)
})

test('lent octets stay until the socket has taken them, and only so long', async () => {
  const stream = sink(false)
  const outgoing = new Outgoing(stream, { heldBytes: 100_000, stalledMs: 60_000 })
  const octets = Buffer.allocUnsafeSlow(300_000).fill('lent')
  const release = lend(octets)
  const wait = outgoing.write(octets)
  release()
  assert.equal(octets.length, 300_000)
  stream.open()
  await wait
  outgoing.flush()
  await outgoing.drained()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(Buffer.concat(stream.writes).toString(), 'lent'.repeat(75_000))
  assert.ok(areGone(octets))
  assert.throws(() => outgoing.write(octets), /released/)
})

test('lent octets that a destroyed socket never takes are given back', () => {
  const stream = sink()
  stream.destroy()
  const octets = Buffer.allocUnsafeSlow(5000)
  const release = lend(octets)
  void new Outgoing(stream).write(octets)
  release()
  assert.ok(areGone(octets))
})

test('while others ask, a large piece goes out in small slices, and they have their turn after each', async () => {
  const stream = sink()
  let othersAsk = true
  const outgoing = new Outgoing(stream, undefined, {
    get othersAsk() {
      return othersAsk
    },
  })
  const octets = Buffer.alloc(1_000_000, 'abcdefghi')
  // Everything else that happens on the event loop: it sees the piece half written.
  const seen: number[] = []
  let looking = true
  const look = () => {
    seen.push(stream.writes.length)
    if (looking) setImmediate(look)
  }
  setImmediate(look)
  void outgoing.write('{1000000}\r\n')
  await outgoing.write(octets)
  looking = false
  outgoing.flush()
  assert.deepEqual(Buffer.concat(stream.writes).subarray(11), octets)
  assert.equal(stream.writes.length, 16, 'of 64 KB each')
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  )
  assert.ok(new Set(seen).size > 10, `${seen.length} looks saw ${new Set(seen).size} states`)
  othersAsk = false
  stream.writes.length = 0
  await outgoing.write(octets)
  outgoing.flush()
  assert.equal(stream.writes.length, 4, 'as much at once as goes')
})
