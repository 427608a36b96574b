import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { GmailError } from '../gmail.ts'
import type { GmailWatching } from '../gmail.ts'
import { refusal } from '../testing/fake-google.ts'
import type { Behaviour } from '../testing/fake-google.ts'
import { HandClock } from '../testing/hand-clock.ts'
import { KeptLog } from '../testing/kept-log.ts'
import { play } from '../testing/scene.ts'
import { Watch } from './watch.ts'

const day = 24 * 3600_000
const topic = 'projects/mine/topics/gmail'

const refused = () => {
  throw new GmailError('invalid', 'Gmail refused the request as wrong')
}

/** A watch that runs, and what it asked Gmail for; `answers` what it hears, the last one again and again. */
function begin(t: TestContext, answers: (() => { expiresAt: number })[]) {
  const [clock, log] = [new HandClock(), new KeptLog()]
  const asked: number[] = []
  const gmail: GmailWatching = {
    watch: async (wanted) => {
      assert.equal(wanted, topic)
      asked.push(clock.monotonicMs())
      return (answers[Math.min(asked.length, answers.length) - 1] ?? assert.fail)()
    },
  }
  const watch = new Watch({ gmail, topic, clock, log, random: () => 1 })
  const end = new AbortController()
  const running = watch.run(end.signal)
  t.after(async () => {
    end.abort(new Error('over'))
    await running
  })
  return { watch, clock, log, asked }
}

test('it is proven by a notice that came since it was asked for, and renewed every day', async (t) => {
  const start = Date.parse('2026-11-24T12:00:00Z')
  const { watch, clock, asked } = begin(t, [
    () => ({ expiresAt: start + 7 * day }),
    () => ({ expiresAt: start + 8 * day }),
  ])
  watch.noticed()
  assert.equal(watch.isProven, false, 'a notice of an older watch proves nothing')
  await clock.advance(1000)
  assert.equal(watch.isProven, true, 'but it may come before the answer')
  await clock.advance(day)
  assert.deepEqual(asked, [0, day])
  assert.equal(watch.isProven, false)
  watch.noticed()
  assert.equal(watch.isProven, true)
})

test('a watch that cannot be renewed is worth nothing once it has ended', async (t) => {
  const start = Date.parse('2026-11-24T12:00:00Z')
  const { watch, clock, asked, log } = begin(t, [() => ({ expiresAt: start + 2 * day }), refused])
  await clock.advance(1)
  watch.noticed()
  await clock.advance(2 * day - 2)
  assert.equal(watch.isProven, true)
  await clock.advance(2)
  assert.equal(watch.isProven, false)
  await clock.advance(10 * day)
  // Every six hours at last.
  assert.ok(asked.length > 40 && asked.length < 60, `${asked.length}`)
  assert.match(log.lines[0] ?? '', /tells of changes/)
  assert.match(log.lines[1] ?? '', /does not agree/)
})

const script: Behaviour[] = [
  refusal(503, 'backendError'),
  { json: { historyId: '7', expiration: '1720183655953' } },
]

test('watch() names the topic, costs 100 units, and is repeated when Google fails', async (t) => {
  const { gmail, google, finish } = await play(t, script)
  const call = { lane: 'sync', cause: 'watch' } as const
  assert.deepEqual(await finish(gmail.watch(topic, call)), { expiresAt: 1720183655953 })
  assert.deepEqual(
    google.calls.map(({ method, path, body }) => [method, path, JSON.parse(body)]),
    google.calls.map(() => ['POST', '/gmail/v1/users/me/watch', { topicName: topic }]),
  )
  assert.deepEqual(gmail.ledger(), [{ method: 'watch', cause: 'watch', calls: 2, units: 200 }])
})
