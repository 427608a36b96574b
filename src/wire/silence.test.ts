import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { Silence } from './silence.ts'

// Silence itself keeps no process alive.
const awake = setInterval(() => {}, 1_000)
after(() => clearInterval(awake))

/** Resolves when the silence was too long. */
function listening(): { silence: Silence; ended: Promise<unknown>; count: () => number } {
  const events = new EventTarget()
  let count = 0
  const silence = new Silence(() => {
    count++
    events.dispatchEvent(new Event('ended'))
  })
  return { silence, ended: once(events, 'ended'), count: () => count }
}

test('a silence that lasts is noticed, once', async () => {
  const { silence, ended, count } = listening()
  silence.limit(5)
  await ended
  assert.equal(count(), 1)
  silence.close()
})

test('a shorter limit holds although a longer one was there before, and a lifted one does not hold', async () => {
  const { silence, ended, count } = listening()
  silence.limit(60_000)
  silence.limit(undefined)
  silence.limit(5)
  silence.limit(undefined)
  const other = listening()
  other.silence.limit(40)
  await other.ended
  assert.equal(count(), 0)
  silence.limit(60_000)
  silence.limit(5)
  await ended
  assert.equal(count(), 1)
  silence.close()
})

test('what is heard begins it anew: it never ends before its time', async () => {
  const { silence, ended } = listening()
  silence.limit(30)
  const other = listening()
  other.silence.limit(15)
  await other.ended
  silence.heard()
  const heardAt = performance.now()
  await ended
  assert.ok(performance.now() - heardAt >= 29)
  silence.close()
})

test('after the end nobody is told', async () => {
  const { silence, count } = listening()
  silence.limit(5)
  silence.close()
  // Whoever served it may not know yet.
  silence.limit(5)
  const other = listening()
  other.silence.limit(20)
  await other.ended
  assert.equal(count(), 0)
})
