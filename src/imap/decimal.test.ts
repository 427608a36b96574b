import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { longestDecimal, writeDecimal } from './decimal.ts'

function written(value: number): string {
  const into = Buffer.alloc(2 + longestDecimal, '.')
  const end = writeDecimal(into, 2, value)
  assert.match(into.toString('latin1', end), /^\.*$/)
  return into.toString('latin1', 2, end)
}

test('numbers are written as they are read', () => {
  for (const value of [0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER])
    assert.equal(written(value), String(value))
  for (const max of [2 ** 31 - 1, Number.MAX_SAFE_INTEGER])
    fc.assert(fc.property(fc.nat({ max }), (value) => written(value) === String(value)))
})
