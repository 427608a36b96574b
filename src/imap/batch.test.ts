import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Batch } from './batch.ts'

test('whatever is written comes out in order, in chunks of bounded size that do not change any more', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 200 }),
    fc.integer({ min: 0, max: 200_000 }).map((length) => 'x'.repeat(length)),
    fc.integer({ min: 0, max: 9000 }).map((length) => Buffer.alloc(length, 'y')),
    fc.constant('take' as const),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const batch = new Batch()
      const taken: Uint8Array[] = []
      const copies: Buffer[] = []
      const take = (chunks: readonly Uint8Array[]) => {
        taken.push(...chunks)
        copies.push(...chunks.map((chunk) => Buffer.from(chunk)))
      }
      let expected = ''
      for (const one of pieces) {
        if (one === 'take') take(batch.full())
        else if (typeof one === 'string') {
          batch.text(one)
          expected += one
        } else {
          batch.octets(one)
          expected += one.toString('latin1')
        }
      }
      take(batch.rest())
      assert.equal(Buffer.concat(taken).toString('latin1'), expected)
      assert.deepEqual(
        taken.map((chunk) => Buffer.from(chunk)),
        copies,
      )
      assert.ok(taken.every((chunk) => chunk.length > 0))
    }),
    { numRuns: 50 },
  )
})

test('ten thousand lines come in few chunks', () => {
  const batch = new Batch()
  for (let i = 0; i < 10_000; i++) batch.text('* 1 FETCH (FLAGS (\\Seen))\r\n')
  assert.ok(batch.waiting)
  assert.ok(batch.rest().length < 20)
})
