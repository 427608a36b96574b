import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { planDelete, planModify, traitsByMethod } from './cost.ts'

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
        batches.length * traitsByMethod['messages.batchModify'].units +
        singles.length * traitsByMethod['messages.modify'].units
      assert.equal(cost, 50 * Math.floor(count / 1000) + Math.min(5 * (count % 1000), 50))
    }),
  )
})

test('planModify() takes single calls below ten and one batch from ten', () => {
  assert.equal(planModify(upTo(9)).singles.length, 9)
  assert.deepEqual(planModify(upTo(10)), { batches: [upTo(10)], singles: [] })
})

test('planDelete() takes single calls below five and one batch from five', () => {
  assert.equal(planDelete(upTo(4)).singles.length, 4)
  assert.deepEqual(planDelete(upTo(5)), { batches: [upTo(5)], singles: [] })
  assert.deepEqual(
    planDelete(upTo(1004)).batches.map(({ length }) => length),
    [1000],
  )
})
