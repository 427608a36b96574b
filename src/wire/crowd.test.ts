import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '#mail/surroundings.ts'
import { Crowd } from './crowd.ts'

/** Time that the test moves on. */
class HandClock implements Clock {
  ms = 0

  now(): number {
    return this.ms
  }

  monotonicMs(): number {
    return this.ms
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('Nobody sleeps here'))
  }
}

test('who asks is heard by all others for a while, and not by itself', () => {
  const clock = new HandClock()
  const crowd = new Crowd(clock)
  const [one, other, third] = [crowd.join(), crowd.join(), crowd.join()]
  assert.equal(one.othersAsk, false)
  one.asks()
  assert.deepEqual([one.othersAsk, other.othersAsk, third.othersAsk], [false, true, true])
  clock.ms += 30
  other.asks()
  other.asks()
  assert.deepEqual([one.othersAsk, other.othersAsk, third.othersAsk], [true, true, true])
  clock.ms += 30
  assert.deepEqual([one.othersAsk, other.othersAsk, third.othersAsk], [true, false, true])
  clock.ms += 30
  assert.deepEqual([one.othersAsk, other.othersAsk, third.othersAsk], [false, false, false])
})

test('one that asks again and again hears nobody but others', () => {
  const crowd = new Crowd(new HandClock())
  const [busy, other] = [crowd.join(), crowd.join()]
  for (let turn = 0; turn < 3; turn++) busy.asks()
  assert.equal(busy.othersAsk, false)
  other.asks()
  for (let turn = 0; turn < 3; turn++) busy.asks()
  assert.equal(busy.othersAsk, true)
})

test('a download has a shorter turn while others ask; what is computed has the same', () => {
  const clock = new HandClock()
  const crowd = new Crowd(clock)
  const [client, other] = [crowd.join(), crowd.join()]
  const [download, work] = [client.begin('download'), client.begin('work')]
  clock.ms = 1
  assert.deepEqual([download.over, work.over], [false, false])
  client.asks()
  assert.equal(download.over, false, 'its own asking shortens nothing')
  other.asks()
  assert.deepEqual([download.over, work.over], [true, false])
  clock.ms = 5
  assert.deepEqual([download.over, work.over], [true, true])
})

test('a turn begins anew after the others had theirs, and after a rest', async () => {
  const clock = new HandClock()
  const turn = new Crowd(clock).join().begin('pipeline')
  clock.ms = 2
  assert.equal(turn.over, true)
  await turn.next()
  assert.equal(turn.over, false)
  clock.ms = 4
  assert.equal(turn.over, true)
  turn.rested()
  assert.equal(turn.over, false)
  await assert.rejects(turn.next(AbortSignal.abort(new Error('The client is gone'))), /The client is gone/)
})
