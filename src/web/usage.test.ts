import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HandClock } from '#auth/testing/hand-clock.ts'
import { Usage } from './usage.ts'

test('an hour is kept minute by minute, and the oldest minute goes', () => {
  const clock = new HandClock()
  let spent = 1000
  const usage = new Usage(clock, () => spent)
  assert.deepEqual(usage.hour(), [0])
  spent += 20
  assert.deepEqual(usage.hour(), [20])
  clock.advance(60_000)
  assert.deepEqual(usage.hour(), [20, 0])
  spent += 5
  clock.advance(120_000)
  assert.deepEqual(usage.hour(), [20, 5, 0, 0])
  // An account was removed, and its units with it.
  spent = 0
  assert.deepEqual(usage.hour(), [20, 5, 0, 0])
  clock.advance(3 * 3600_000)
  assert.deepEqual(
    usage.hour(),
    Array.from({ length: 60 }, () => 0),
  )
})
