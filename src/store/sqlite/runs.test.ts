import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { runsOf } from './runs.ts'

test('runs hold exactly the numbers they were made of, and no two could be one', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60)), (numbers) => {
      const runs = runsOf(numbers)
      const held = runs.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, at) => first + at),
      )
      assert.deepEqual(
        held,
        [...new Set(numbers)].toSorted((a, b) => a - b),
      )
      for (const [at, { first }] of runs.entries())
        if (at > 0) assert.ok(first > (runs[at - 1]?.last ?? 0) + 1)
    }),
  )
})
