import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { planModify, unitsByMethod } from './cost.ts'

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

test('planModify() sends each id once and costs what the formula says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), (count) => {
      const ids = upTo(count)
      const { batches, singles } = planModify(ids)
      assert.deepEqual([...batches.flat(), ...singles], ids)
      const cost =
        batches.length * unitsByMethod['messages.batchModify'] +
        singles.length * unitsByMethod['messages.modify']
      assert.equal(cost, 50 * Math.floor(count / 1000) + Math.min(5 * (count % 1000), 50))
    }),
  )
})

test('planModify() takes single calls below ten and one batch from ten', () => {
  assert.equal(planModify(upTo(9)).singles.length, 9)
  assert.deepEqual(planModify(upTo(10)), { batches: [upTo(10)], singles: [] })
})
