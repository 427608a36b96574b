import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sortInTurns } from './sort-in-turns.ts'

const byNumber = (a: number, b: number) => a - b

test('sorts as toSorted does, across many turns', async () => {
  for (const length of [0, 1, 2, 8192, 8193, 50_000]) {
    const items = Array.from({ length }, (_, index) => (index * 7919) % 10_007)
    assert.deepEqual(await sortInTurns(items, byNumber), items.toSorted(byNumber))
  }
})
