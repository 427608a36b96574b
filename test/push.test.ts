import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { RawClient } from '#imap/testing/raw-client.ts'
import { figures, total } from './operations/figures.ts'
import { control, withFolder } from './postern.ts'
import type { Ready } from './postern.ts'
import { demoUser, withServe } from './serve.ts'
import type { Served } from './serve.ts'

const limit = { timeout: 240_000 }
const robot = 'postern@mine.iam.gserviceaccount.com'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** One account, in a project whose service account may read the subscription. */
async function oneAccount(google: Ready) {
  await control(google, 'addServiceAccount', {
    email: robot,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
  })
  const auth = { refreshToken: google.simulator.refreshToken }
  return {
    accounts: [{ email: demoUser, auth, passwords: [{ name: 'laptop', password: 'whole-password' }] }],
  }
}

/** A bridge that would poll once an hour, told by Pub/Sub. */
async function withPush(
  work: (served: Served) => Promise<void>,
  more: Record<string, string> = {},
  before: (google: Ready) => Promise<void> = () => Promise.resolve(),
) {
  await withFolder(async (dir) => {
    const keyFile = join(dir, 'key.json')
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
    await writeFile(
      keyFile,
      JSON.stringify({ type: 'service_account', client_email: robot, private_key: key }),
    )
    await withServe((google) => before(google).then(() => oneAccount(google)), work, {
      settings: {
        POSTERN_POLL_SECONDS: '3600',
        POSTERN_PUBSUB_TOPIC: 'projects/mine/topics/gmail',
        POSTERN_PUBSUB_SUBSCRIPTION: 'projects/mine/subscriptions/postern',
        POSTERN_PUBSUB_KEY_FILE: keyFile,
        ...more,
      },
    })
  })
}

async function callsOf(google: Ready, method: string): Promise<number> {
  const { methods } = (await control(google, 'ledger')) as { methods: Record<string, { calls: number }> }
  return methods[method]?.calls ?? 0
}

async function deliver(google: Ready, subject: string): Promise<void> {
  // The simulator drops a notice within a second of another, as Gmail does.
  await control(google, 'clock', { advance: 1000 })
  const text = `From: x@y.test\nTo: ${demoUser}\nSubject: ${subject}\n\nHello\n`
  await control(google, 'deliver', { text })
}

async function idle({ imap }: Ready): Promise<{ client: RawClient; messages: number }> {
  const client = await RawClient.connect(imap)
  await client.until(/\r\n/)
  await client.command('l', `LOGIN ${demoUser} whole-password`)
  const messages = Number(/\* (\d+) EXISTS/.exec(await client.command('s', 'SELECT INBOX'))?.[1])
  client.send('i IDLE\r\n')
  await client.until(/^\+/m)
  return { client, messages }
}

test('IDLE shows what is delivered, told by Pub/Sub, without a poll in between', limit, () =>
  withPush(async (served) => {
    const { ready, google, bridge } = served
    const { client, messages } = await idle(ready)
    await served.bridge.logged('Gmail tells of changes')
    assert.equal(await callsOf(google, 'watch'), 1)
    const before = await figures(ready)
    assert.equal(total(before, 'postern_push_accounts'), 1)
    for (const [at, subject] of ['one', 'two', 'three'].entries()) {
      await deliver(google, subject)
      await client.until(new RegExp(`\\* ${messages + at + 1} EXISTS`))
    }
    const after = await figures(ready)
    const rise = (...words: readonly string[]) =>
      total(after, 'postern_push_notices_total', ...words) -
      total(before, 'postern_push_notices_total', ...words)
    assert.equal(rise(), 3)
    // Gmail is asked once for whoever has just come, a moment after the login: that may have been sooner than the first notice.
    assert.ok(rise('result="asked"') >= 2)
    assert.equal(rise('result="nobody"'), 0)
    assert.ok(total(after, 'postern_push_notice_age_seconds') > 0)
    assert.equal(total(after, 'postern_push_failures_total'), 0)
    client[Symbol.dispose]()
    assert.equal(await bridge.stop(), 0)
    assert.equal(await callsOf(google, 'watch'), 1)
    assert.ok(!bridge.log().includes(robot))
    assert.doesNotMatch(bridge.log(), /"level":[45]0/)
  }),
)

test('while notices cannot be fetched, Gmail is polled as if there were none', limit, () =>
  withPush(
    async (served) => {
      const { ready, google, bridge } = served
      await served.bridge.logged('notices of Gmail cannot be fetched')
      const all = await figures(ready)
      assert.ok(total(all, 'postern_push_failures_total') > 0)
      assert.equal(total(all, 'postern_push_accounts'), 0)
      const { client, messages } = await idle(ready)
      await deliver(google, 'polled')
      await client.until(new RegExp(`\\* ${messages + 1} EXISTS`))
      client[Symbol.dispose]()
      assert.ok(!bridge.log().includes('Gmail tells of changes'))
      assert.equal(await bridge.stop(), 0)
    },
    { POSTERN_POLL_SECONDS: '1', POSTERN_PUBSUB_KEY_FILE: join(import.meta.dirname, 'no-such-key.json') },
  ),
)

test('a mailbox that tells another topic already stays as it was, polled', limit, () =>
  withPush(
    async (served) => {
      const { ready, google } = served
      await served.bridge.logged('Gmail does not agree to tell of changes')
      const { client, messages } = await idle(ready)
      await deliver(google, 'polled')
      await client.until(new RegExp(`\\* ${messages + 1} EXISTS`))
      client[Symbol.dispose]()
    },
    { POSTERN_POLL_SECONDS: '1' },
    async ({ simulator: { url, token } }) => {
      const answer = await fetch(`${url}/gmail/v1/users/me/watch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ topicName: 'projects/mine/topics/other' }),
      })
      assert.equal(answer.status, 200)
    },
  ),
)
