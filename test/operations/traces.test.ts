import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { ImapFlow } from 'imapflow'
import Pop3Command from 'node-pop3'
import { createTransport } from 'nodemailer'
import type { Ready } from '../postern.ts'
import { control, withFolder } from '../postern.ts'
import { demoUser, withServe } from '../serve.ts'
import type { Served } from '../serve.ts'
import { Collector } from './collector.ts'

const limit = { timeout: 240_000 }
const password = 'Schattenmorellen'
const subject = 'Zwetschgendatschi'
const body = 'Mirabellenmarmelade'
const keyword = 'Streuobstwiese'
const headerSecret = 'Holunderbeersaft'

function oneAccount({ simulator }: Ready) {
  return {
    accounts: [
      {
        email: demoUser,
        auth: { refreshToken: simulator.refreshToken },
        passwords: [{ name: 'laptop', password }],
      },
    ],
  }
}

function imapflow({ imap }: Ready): ImapFlow {
  const auth = { user: demoUser, pass: password }
  return new ImapFlow({ ...imap, secure: false, tls: { rejectUnauthorized: false }, auth, logger: false })
}

/** A whole message that nobody has read yet; gives its octets, and how many messages there are. */
async function fetchOne(ready: Ready): Promise<{ octets: number; messages: number }> {
  const client = imapflow(ready)
  await client.connect()
  const { exists: messages } = await client.mailboxOpen('INBOX')
  const found = await client.fetchOne('1', { source: true })
  await client.messageFlagsAdd('1', ['\\Flagged', keyword])
  await client.logout()
  return { octets: found === false ? 0 : (found.source?.length ?? 0), messages }
}

/** Resolves when INBOX has more messages than a first reading found: the rest came by a poll. */
async function newsCame(ready: Ready, before: number): Promise<void> {
  const client = imapflow(ready)
  await client.connect()
  const came = once(client, 'exists')
  const { exists } = await client.mailboxOpen('INBOX')
  if (exists <= before) {
    const idle = client.idle()
    await came
    await client.noop()
    await idle
  }
  await client.logout()
}

async function send({ smtp }: Ready): Promise<void> {
  assert.ok(smtp)
  const transport = createTransport({
    ...smtp,
    tls: { rejectUnauthorized: false },
    auth: { user: demoUser, pass: password },
  })
  await transport.sendMail({ from: demoUser, to: 'peer@gmail.test', subject, text: body })
  transport.close()
}

async function readByPop({ pop3 }: Ready): Promise<void> {
  assert.ok(pop3)
  // Only what is read is offered: with the second message the first session has read ahead.
  for (let offered = 0; offered < 2;) {
    const pop = new Pop3Command({ ...pop3, user: demoUser, password })
    offered = (await pop.UIDL()).length
    if (offered >= 2) await pop.RETR(1)
    await pop.QUIT()
  }
}

/** Reads a message over IMAP, sends one, and reads another over POP3. */
async function tour({ ready, google }: Served): Promise<number> {
  const { octets, messages } = await fetchOne(ready)
  const text = `From: x@y.test\nTo: ${demoUser}\nSubject: ${subject}\n\n${body}\n`
  await control(google, 'deliver', { text })
  await newsCame(ready, messages)
  await send(ready)
  await readByPop(ready)
  return octets
}

test(
  'a trace leads from what a client says to the calls to Gmail that it caused, and holds no secret',
  limit,
  () =>
    withFolder(async (dir) => {
      await using collector = await Collector.listen()
      const headers = join(dir, 'headers')
      await writeFile(headers, `# for the collector\nAuthorization: Bearer ${headerSecret}\n`)
      let octets = 0
      await withServe(
        oneAccount,
        async (served) => {
          octets = await tour(served)
          assert.equal(await served.bridge.stop(), 0)
          assert.ok(!served.bridge.log().includes(headerSecret))
          const { token, refreshToken, clientSecret } = served.google.simulator
          const mail = [subject, body, keyword, demoUser, 'peer@gmail.test', 'INBOX']
          for (const secret of [token, refreshToken, clientSecret, password, headerSecret, ...mail])
            assert.ok(!collector.raw.includes(secret), secret)
        },
        {
          settings: {
            POSTERN_TRACE_URL: collector.url,
            POSTERN_TRACE_HEADERS_FILE: headers,
            POSTERN_PREFETCH: 'off',
          },
        },
      )
      assert.deepEqual([...new Set(collector.services)], ['postern'])
      assert.equal(collector.headers[0]?.authorization, `Bearer ${headerSecret}`)

      const fetches = collector.named('IMAP FETCH')
      const gets = collector.childrenOf(fetches)
      assert.deepEqual(
        gets.map(({ name, attributes: { 'postern.cause': cause, 'postern.lane': lane } }) => [
          name,
          cause,
          lane,
        ]),
        [['Gmail messages.get', 'fetch', 'person']],
      )
      const [get] = gets
      const fetch = fetches.find(({ spanId }) => spanId === get?.parentSpanId)
      assert.equal(get?.traceId, fetch?.traceId)
      assert.equal(get?.attributes['gmail.units'], 20)
      assert.equal(get?.attributes['gmail.retries'], 0)
      assert.equal(get?.attributes['http.response.status_code'], 200)
      assert.equal(fetch?.attributes['postern.result'], 'OK')
      assert.equal(fetch?.attributes['postern.door'], 'imap')
      assert.equal(fetch?.attributes['postern.account'], 1)
      assert.match(String(fetch?.attributes['postern.session']), /^[a-z0-9]+$/)
      assert.ok(Number(fetch?.attributes['postern.bytes_out']) > octets && octets > 0)
      assert.equal(fetch?.parentSpanId, undefined)

      const calls = (name: string) => collector.childrenOf(collector.named(name)).map((span) => span.name)
      assert.deepEqual(calls('IMAP STORE'), ['Gmail messages.modify'])
      assert.ok(calls('SMTP DATA').includes('Gmail messages.send'))
      assert.ok(Number(collector.named('SMTP DATA')[0]?.attributes['postern.bytes_in']) > body.length)
      assert.ok(calls('POP3 PASS').includes('Gmail messages.get'), 'it reads ahead of RETR')
      assert.equal(collector.named('POP3 RETR')[0]?.attributes['postern.result'], 'ok')
      assert.deepEqual(calls('IMAP SELECT'), [])
      assert.ok(collector.named('IMAP LOGOUT').length > 0, 'the last command before the end is there')

      const polls = collector
        .named('Gmail history.list')
        .filter(({ attributes }) => attributes['postern.cause'] === 'poll')
      assert.ok(polls.length > 0)
      for (const { parentSpanId } of polls) assert.equal(parentSpanId, undefined, 'nobody asked for a poll')
    }),
)

test('a collector that is gone, or never answers, disturbs no mail and no end', limit, async () => {
  const held: Socket[] = []
  const silent = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  try {
    const urls = [`http://127.0.0.1:${port}/v1/traces`, 'http://127.0.0.1:9/v1/traces']
    await Promise.all(
      urls.map((url) =>
        withServe(
          oneAccount,
          async (served) => {
            assert.ok((await tour(served)) > 0)
            assert.equal(await served.bridge.stop(), 0)
          },
          { settings: { POSTERN_TRACE_URL: url } },
        ),
      ),
    )
    assert.ok(held.length > 0, 'it was tried')
  } finally {
    for (const socket of held) socket.destroy()
    silent.close()
  }
})

test('with the ratio 0 nothing is sent', limit, async () => {
  await using collector = await Collector.listen()
  await withServe(
    oneAccount,
    async (served) => {
      await fetchOne(served.ready)
      assert.equal(await served.bridge.stop(), 0)
    },
    { settings: { POSTERN_TRACE_URL: collector.url, POSTERN_TRACE_RATIO: '0' } },
  )
  assert.equal(collector.raw, '')
})

test(
  'headers that cannot be used, or would cross a network in clear, are refused with a sentence',
  limit,
  async () => {
    await withFolder(async (dir) => {
      const headers = join(dir, 'headers')
      await writeFile(headers, `\nBearer ${headerSecret}\n`)
      const start = (settings: Record<string, string>) =>
        withServe(oneAccount, () => Promise.resolve(), {
          settings: { POSTERN_TRACE_HEADERS_FILE: headers, ...settings },
        })
      const hears = (sentence: RegExp) => (error: Error) =>
        sentence.test(error.message) && !error.message.includes(headerSecret)
      const here = 'http://127.0.0.1:9/v1/traces'
      await assert.rejects(start({ POSTERN_TRACE_URL: here }), hears(/headers:2 is no header/))
      await assert.rejects(start({}), hears(/does nothing without POSTERN_TRACE_URL/))
      await assert.rejects(start({ POSTERN_TRACE_URL: 'http://collector.test/v1/traces' }), hears(/https:/))
    })
  },
)
