import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SaveDates } from './save-dates.ts'

test('a run holds until the next one begins; before the first nothing is known', () => {
  const dates = new SaveDates([5, 8, 20], [1000, undefined, 3000])
  const asked = [1, 4, 5, 7, 8, 19, 20, 4_294_967_295]
  assert.deepEqual(
    asked.map((uid) => dates.of(uid)),
    [undefined, undefined, 1000, 1000, undefined, undefined, 3000, 3000],
  )
  assert.equal(new SaveDates([], []).of(1), undefined)
})
