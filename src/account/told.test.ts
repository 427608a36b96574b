import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '#mail/surroundings.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openHouse, prepareGround } from './testing/house.ts'
import { gmailState } from './testing/truth.ts'

const limit = { timeout: 180_000 }
const pollMs = 77_000

/** The system's clock; resolves when somebody begins to rest for so long. */
function watchedClock(): Clock & { rest(ms: number): Promise<void> } {
  const waiting = new Map<number, () => void>()
  return {
    ...systemClock,
    sleep(ms, signal) {
      waiting.get(ms)?.()
      return systemClock.sleep(ms, signal)
    },
    rest: (ms) => new Promise((resolve) => waiting.set(ms, resolve)),
  }
}

test(
  'while Gmail tells of changes it is polled rarely, and asked at once when it tells of something new',
  limit,
  async (t) => {
    const ground = await prepareGround(t)
    const { control } = ground
    await control.deliver('first')
    const clock = watchedClock()
    let isTold = false
    const often = clock.rest(pollMs)
    const house = await openHouse(ground, { clock, pollSeconds: pollMs / 1000, isTold: () => isTold })
    const { account } = house
    const leave = account.mailstore.attach()
    await house.until(({ phase }) => phase === 'live')
    await often

    isTold = true
    const rarely = clock.rest(2 * 60_000)
    await control.deliver('second')
    const { historyId } = await gmailState(control)
    account.noticed(historyId)
    await house.until(({ messages }) => messages === 2)
    await rarely

    await control.do('reset')
    account.noticed(historyId)
    account.noticed(1n)
    leave()
    const veryRarely = clock.rest(10 * 60_000)
    account.noticed(undefined)
    await veryRarely
    assert.equal((await control.spent()).calls('history.list'), 1, 'what is known already costs nothing')

    isTold = false
    const usual = clock.rest(60_000)
    account.noticed(undefined)
    await usual
  },
)
