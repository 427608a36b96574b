import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '#mail/surroundings.ts'
import { LoginThrottle } from './login-throttle.ts'

/** Time that jumps when somebody sleeps, and remembers for how long they did. */
class JumpingClock implements Clock {
  ms = 0
  slept: number[] = []

  now(): number {
    return this.ms
  }

  monotonicMs(): number {
    return this.ms
  }

  async sleep(ms: number, _signal?: AbortSignal): Promise<void> {
    this.slept.push(ms)
    this.ms += ms
  }
}

const signal = new AbortController().signal
const here = { remoteAddress: '127.0.0.1', user: 'ada' }

function login(throttle: LoginThrottle, right: boolean, who = here): Promise<boolean> {
  return throttle.attempt(
    who,
    async () => right,
    (verdict) => !verdict,
    signal,
  )
}

test('wrong passwords wait longer and longer, 15 s at most, and the right one ends it', async () => {
  const clock = new JumpingClock()
  const throttle = new LoginThrottle(clock)
  for (let i = 0; i < 9; i++) await login(throttle, false)
  assert.deepEqual(clock.slept, [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
  clock.slept = []
  assert.equal(await login(throttle, true), true)
  await login(throttle, true)
  assert.deepEqual(clock.slept, [15_000])
})

test('failures of one account, or from one address, do not slow another', async () => {
  const clock = new JumpingClock()
  const throttle = new LoginThrottle(clock)
  for (let i = 0; i < 5; i++) await login(throttle, false)
  clock.slept = []
  await login(throttle, true, { ...here, user: 'ben' })
  await login(throttle, true, { ...here, remoteAddress: '10.0.0.1' })
  assert.deepEqual(clock.slept, [])
  await login(throttle, true, { ...here, user: 'ADA' })
  assert.equal(clock.slept.length, 1)
})

test('all who guess together get ten guesses a second; who is right pays nothing', async () => {
  const clock = new JumpingClock()
  const throttle = new LoginThrottle(clock)
  for (let i = 0; i < 1000; i++) await login(throttle, true)
  assert.equal(clock.ms, 0)
  for (let i = 0; i < 120; i++) await login(throttle, false, { ...here, user: `guess${i}` })
  assert.ok(clock.ms >= 9_900 && clock.ms <= 10_100, `${clock.ms}`)
})

test('hundreds of right logins at once wait for one another, not for the clock', async () => {
  const clock = new JumpingClock()
  // Time stands still: whoever waits is called or waits for ever.
  clock.sleep = (_ms, until) =>
    new Promise((_, reject) =>
      until?.addEventListener('abort', () => reject(until.reason as Error), { once: true }),
    )
  const throttle = new LoginThrottle(clock)
  let inside = 0
  let most = 0
  const check = async () => {
    most = Math.max(most, ++inside)
    await new Promise((resolve) => setImmediate(resolve))
    inside--
    return true
  }
  const all = Array.from({ length: 300 }, (_, n) =>
    throttle.attempt({ ...here, user: `user${n % 50}` }, check, (right) => !right, signal),
  )
  assert.equal((await Promise.all(all)).length, 300)
  assert.equal(most, 20, 'no more at once than may guess')
})

test('an old failure is forgotten', async () => {
  const clock = new JumpingClock()
  const throttle = new LoginThrottle(clock)
  for (let i = 0; i < 5; i++) await login(throttle, false)
  clock.ms += 11 * 60_000
  clock.slept = []
  await login(throttle, true)
  assert.deepEqual(clock.slept, [])
})
