import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { FakeGoogle } from '../testing/fake-google.ts'
import type { Behaviour } from '../testing/fake-google.ts'
import { HandClock, settle } from '../testing/hand-clock.ts'
import { KeptLog } from '../testing/kept-log.ts'
import { Tokens } from '../testing/scene.ts'
import type { Notice } from './notice.ts'
import { NoticeStream } from './notice-stream.ts'
import { openSubscription } from './subscription.ts'

const name = 'projects/mine/subscriptions/postern'
/** Holds the request, as Pub/Sub does while there is nothing. */
const held: Behaviour = () => {}

function pulled(historyId: number): Behaviour {
  const data = Buffer.from(JSON.stringify({ emailAddress: 'anna@example.com', historyId })).toString('base64')
  return { json: { receivedMessages: [{ ackId: `ack-${historyId}`, message: { data } }] } }
}

/** A stream that runs before a scripted Pub/Sub. */
async function flow(t: TestContext, script: Behaviour[]) {
  const google = await FakeGoogle.start(...script)
  t.after(() => google.close())
  const [clock, log, tokens] = [new HandClock(), new KeptLog(), new Tokens()]
  const notices: Notice[] = []
  const stream = new NoticeStream({
    subscription: openSubscription(name, { baseUrl: google.url, tokens }),
    clock,
    log,
    random: () => 1,
    onNotice: (notice) => notices.push(notice),
  })
  const end = new AbortController()
  const running = stream.run(end.signal)
  t.after(async () => {
    end.abort(new Error('over'))
    await running
  })
  return { google, clock, log, tokens, notices, stream }
}

/** Lets the requests of this moment be answered: the stream rests. */
async function sleeping(clock: HandClock): Promise<void> {
  while (clock.next() === undefined) await settle(1)
}

test('notices are told, acknowledged, and the next pull waits for more', async (t) => {
  const { google, notices, stream } = await flow(t, [pulled(7), {}, pulled(8), {}, held])
  await google.saw(5)
  assert.deepEqual(notices, [
    { address: 'anna@example.com', historyId: 7n },
    { address: 'anna@example.com', historyId: 8n },
  ])
  assert.deepEqual(
    google.calls.map(({ path, body, token }) => [path, JSON.parse(body), token]),
    [
      [`/v1/${name}:pull`, { maxMessages: 100 }, 'ya29.token-0'],
      [`/v1/${name}:acknowledge`, { ackIds: ['ack-7'] }, 'ya29.token-0'],
      [`/v1/${name}:pull`, { maxMessages: 100 }, 'ya29.token-0'],
      [`/v1/${name}:acknowledge`, { ackIds: ['ack-8'] }, 'ya29.token-0'],
      [`/v1/${name}:pull`, { maxMessages: 100 }, 'ya29.token-0'],
    ],
  )
  assert.ok(stream.isFlowing)
})

test('an empty answer that comes at once is no reason for a storm', async (t) => {
  const { google, clock, stream } = await flow(t, [{ json: {} }])
  for (let turn = 1; turn <= 5; turn++) {
    await sleeping(clock)
    assert.equal(google.calls.length, turn)
    await clock.advance(1000)
  }
  assert.ok(stream.isFlowing)
})

test('a refusal is complained of once in ten minutes, with what to do, and the pauses grow to a minute', async (t) => {
  const { google, clock, log, stream } = await flow(t, [{ status: 403, json: { error: { code: 403 } } }])
  await sleeping(clock)
  assert.equal(stream.isFlowing, false)
  while (clock.monotonicMs() < 9 * 60_000) {
    await clock.advance(1000)
    await settle(2)
  }
  assert.ok(google.calls.length < 20, `${google.calls.length}`)
  assert.equal(log.lines.length, 1)
  assert.match(log.lines[0] ?? '', /polled instead.*Pub\/Sub Subscriber/)
})

test('after a refused token another one is taken, and a stream that recovers says so', async (t) => {
  const { google, clock, log, tokens, notices, stream } = await flow(t, [
    { status: 401, json: {} },
    { text: 'not JSON' },
    (response) => response.destroy(),
    pulled(9),
    { status: 500, json: {} },
    held,
  ])
  while (google.calls.length < 6) {
    await settle(1)
    if (clock.next() !== undefined) await clock.advance(60_000)
  }
  assert.deepEqual(tokens.rejected, ['ya29.token-0'])
  assert.equal(google.calls[1]?.token, 'ya29.token-1')
  assert.equal(notices.length, 1)
  assert.equal(stream.failed, 3)
  assert.ok(stream.isFlowing, 'what is not acknowledged comes once more, that is all')
  assert.match(log.lines.join('\n'), /come again/)
  assert.doesNotMatch(log.lines.join('\n'), /ya29/)
})
