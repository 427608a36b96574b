import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LineReader, LineTooLong } from './line-reader.ts'
import type { Flow } from './line-reader.ts'

const still: Flow = { pause() {}, resume() {} }

test('lines and counted octets come out as they went in, however the packets are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ text: fc.stringMatching(/^[a-z ]{0,20}$/), literal: fc.boolean() }), {
        maxLength: 20,
      }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      async (pieces, cuts) => {
        const reader = new LineReader(still)
        const bytes = Buffer.from(
          pieces.map(({ text, literal }) => (literal ? text : `${text}\r\n`)).join(''),
        )
        const read = (async () => {
          const out: (string | undefined)[] = []
          for (const { text, literal } of pieces)
            out.push((await (literal ? reader.octets(text.length) : reader.line(100)))?.toString())
          return out
        })()
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = cuts[i % cuts.length] as number
          reader.push(Buffer.from(bytes.subarray(at, at + length)))
          at += length
          if (i % 3 === 0) await Promise.resolve()
        }
        reader.end()
        assert.deepEqual(
          await read,
          pieces.map(({ text }) => text),
        )
      },
    ),
  )
})

test('what was read stays as it was while more comes in', async () => {
  const reader = new LineReader(still)
  reader.push(Buffer.from('one\r\ntw'))
  const one = await reader.line(10)
  reader.push(Buffer.from('o\r\nthree\r\n'))
  const two = await reader.line(10)
  reader.push(Buffer.alloc(1000, 'x'))
  assert.equal(`${one?.toString()} ${two?.toString()}`, 'one two')
  assert.equal((await reader.line(10))?.toString(), 'three')
})

test('a line over the limit is an error, with or without its end', async () => {
  const whole = new LineReader(still)
  whole.push(Buffer.from('123456\r\n'))
  await assert.rejects(whole.line(5), LineTooLong)
  const open = new LineReader(still)
  const line = open.line(5)
  open.push(Buffer.from('12345'))
  open.push(Buffer.from('6'))
  await assert.rejects(line, LineTooLong)
})

test('the source waits while nobody reads, and goes on when somebody does', async () => {
  const calls: string[] = []
  const reader = new LineReader({ pause: () => calls.push('pause'), resume: () => calls.push('resume') })
  reader.push(Buffer.alloc(200 * 1024, 'a'))
  assert.deepEqual(calls, [])
  reader.push(Buffer.alloc(200 * 1024, 'a'))
  assert.deepEqual(calls, ['pause'])
  assert.equal((await reader.octets(400 * 1024))?.length, 400 * 1024)
  assert.deepEqual(calls, ['pause', 'resume'])
})

test('after the end what is there can be read; after an interruption nothing', async () => {
  const ended = new LineReader(still)
  ended.push(Buffer.from('last\r\nhalf'))
  ended.end()
  assert.equal((await ended.line(10))?.toString(), 'last')
  assert.equal(await ended.line(10), undefined)
  const interrupted = new LineReader(still)
  interrupted.push(Buffer.from('line\r\n'))
  interrupted.interrupt()
  assert.equal(await interrupted.line(10), undefined)
})

test('dropping what is unread leaves no octet of it', async () => {
  const reader = new LineReader(still)
  reader.push(Buffer.from('STARTTLS\r\nEVIL\r\nmore'))
  await reader.line(100)
  reader.dropUnread()
  reader.push(Buffer.from('good\r\n'))
  assert.equal((await reader.line(100))?.toString(), 'good')
})
