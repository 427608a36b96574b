import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GrantError, MailError } from '#mail/errors.ts'
import { labelId, messageId } from '#mail/ids.ts'
import { GmailError } from './gmail.ts'
import type { CallOptions } from './gmail.ts'
import { rawAnswer, refusal } from './testing/fake-google.ts'
import type { Behaviour } from './testing/fake-google.ts'
import { settle } from './testing/hand-clock.ts'
import { gmailError, play } from './testing/scene.ts'

const person: CallOptions = { lane: 'person', cause: 'fetch' }
const profile = { json: { emailAddress: 'anna@example.com', messagesTotal: 3, historyId: '99' } }
const id = messageId('18c0ffee')

test('profile() gives address, count and history id, and sends the token', async (t) => {
  const { google, gmail, finish } = await play(t, [profile])
  assert.deepEqual(await finish(gmail.profile(person)), {
    address: 'anna@example.com',
    messagesTotal: 3,
    historyId: 99n,
  })
  assert.equal(google.calls[0]?.path, '/gmail/v1/users/me/profile')
  assert.equal(google.calls[0]?.token, 'ya29.token-0')
})

test('listMessages() asks for 500 and bears an answer without messages', async (t) => {
  const { google, gmail, finish } = await play(t, [{ json: { resultSizeEstimate: 0 } }])
  const query = { labelIds: [labelId('INBOX'), labelId('UNREAD')], q: 'a b', pageToken: '7' }
  assert.deepEqual(await finish(gmail.listMessages(query, person)), {
    messages: [],
    nextPageToken: undefined,
  })
  const asked = google.calls[0]?.query
  assert.deepEqual(asked?.getAll('labelIds'), ['INBOX', 'UNREAD'])
  assert.equal(asked?.get('maxResults'), '500')
  assert.equal(asked?.get('q'), 'a b')
  assert.equal(asked?.get('pageToken'), '7')
})

test('rawMessage() gives the bytes, labels absent or not, and a plain snippet', async (t) => {
  const bytes = Buffer.from('Subject: \xff\xfe\r\n\r\nHello', 'latin1')
  const { gmail, finish } = await play(t, [rawAnswer('18c0ffee', bytes)])
  const message = await finish(gmail.rawMessage(id, person))
  assert.deepEqual(message.bytes, bytes)
  assert.deepEqual(message.labelIds, [])
  assert.equal(message.internalDate, 1764000000000)
  assert.equal(message.snippet, "Tom & Jerry's")
})

test('rawMessage() takes a large answer apart without losing an octet', async (t) => {
  const bytes = Buffer.alloc(5_000_001, 'All work and no play makes Jack a dull boy.\r\n')
  const { gmail, finish } = await play(t, [rawAnswer('18c0ffee', bytes, { labelIds: ['raw', 'INBOX'] })])
  const message = await finish(gmail.rawMessage(id, person))
  assert.ok(message.bytes.equals(bytes))
  assert.deepEqual(message.labelIds, ['raw', 'INBOX'])
})

test('a 401 is repeated once with another token, and no further', async (t) => {
  const unauthorized = refusal(401, 'authError', 'Invalid Credentials')
  const healed = await play(t, [unauthorized, profile])
  await healed.finish(healed.gmail.profile(person))
  assert.deepEqual(healed.tokens.rejected, ['ya29.token-0'])
  assert.equal(healed.google.calls[1]?.token, 'ya29.token-1')

  const stubborn = await play(t, [unauthorized])
  await assert.rejects(
    stubborn.finish(stubborn.gmail.profile(person)),
    gmailError('unavailable', { status: 401 }),
  )
  assert.equal(stubborn.google.calls.length, 2)
})

test('a grant that has ended reaches the caller as it is', async (t) => {
  const { tokens, gmail, finish, google } = await play(t, [profile])
  tokens.error = new GrantError('revoked-or-expired', 'Connect again')
  await assert.rejects(finish(gmail.profile(person)), (error) => error === tokens.error)
  assert.equal(google.calls.length, 0)
})

test('a token server that is away is waited for, then told as unavailable', async (t) => {
  const { tokens, gmail, finish, clock } = await play(t, [profile])
  tokens.error = new MailError('unavailable', 'Google is away')
  await assert.rejects(finish(gmail.profile(person)), gmailError('unavailable'))
  assert.ok(clock.monotonicMs() <= 30_000)
  assert.ok(clock.sleeps.length > 3)
})

for (const [name, answer] of [
  [
    '403 rateLimitExceeded',
    refusal(403, 'rateLimitExceeded', "Quota exceeded for quota metric 'Total Query Cost'"),
  ],
  ['403 userRateLimitExceeded', refusal(403, 'userRateLimitExceeded')],
  ['429', refusal(429, 'rateLimitExceeded', 'Resource has been exhausted (e.g. check quota).')],
  ['429 without an envelope', { status: 429, text: '<html>slow down</html>' }],
  ['429 for concurrency', refusal(429, 'rateLimitExceeded', 'Too many concurrent requests for user')],
  ['500', refusal(500, 'backendError')],
  ['503 as HTML', { status: 503, text: '<html>Service Unavailable</html>' }],
  ['a cut JSON answer', { text: '{"emailAddress": "ann' }],
  ['an HTML answer of a captive portal', { text: '<html>Welcome to the hotel</html>' }],
  ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
  ['an HTML 404, which is not Gmail speaking', { status: 404, text: '<html>not here</html>' }],
  ['an answer without what it must hold', { json: { emailAddress: 'anna@example.com' } }],
  ['a dropped connection', (response) => response.destroy()],
  [
    'a connection dropped in the middle',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"email')
      setImmediate(() => response.destroy())
    },
  ],
] satisfies [string, Behaviour][]) {
  test(`a read is repeated after ${name}`, async (t) => {
    const { google, gmail, finish } = await play(t, [answer, profile])
    assert.equal((await finish(gmail.profile(person))).historyId, 99n)
    assert.equal(google.calls.length, 2)
  })
}

for (const [name, kind, answer] of [
  ['403 insufficientPermissions', 'forbidden', refusal(403, 'insufficientPermissions')],
  ['403 domainPolicy', 'forbidden', refusal(403, 'domainPolicy')],
  ['404', 'not-found', refusal(404, 'notFound', 'Requested entity was not found.')],
  ['400', 'invalid', refusal(400, 'invalidArgument', 'Invalid label: X')],
  ['409', 'conflict', refusal(409, 'aborted', 'Label name exists or conflicts')],
] satisfies [string, string, Behaviour][]) {
  test(`${name} is told at once as ${kind}, with Google's words in detail only`, async (t) => {
    const { google, gmail, finish } = await play(t, [answer])
    await assert.rejects(finish(gmail.labelCounts(labelId('X'), person)), (error) => {
      gmailError(kind)(error)
      const words = (answer.json as { error: { message: string } }).error.message
      assert.ok(error instanceof GmailError && error.detail === words && !error.message.includes(words))
      return true
    })
    assert.equal(google.calls.length, 1)
  })
}

test('a 404 of history.list means that the history has expired', async (t) => {
  const { gmail, finish } = await play(t, [refusal(404, 'notFound')])
  await assert.rejects(finish(gmail.history(1n, undefined, person)), gmailError('history-expired'))
})

test('a person waits at most a minute for a quota that refuses', async (t) => {
  const { gmail, finish, clock } = await play(t, [refusal(403, 'rateLimitExceeded')])
  await assert.rejects(
    finish(gmail.profile(person)),
    gmailError('throttled', { status: 403, reason: 'rateLimitExceeded' }),
  )
  assert.ok(clock.monotonicMs() <= 61_000, String(clock.monotonicMs()))
})

test('the sync goes on for many minutes', async (t) => {
  const busy = Array.from({ length: 9 }, () => refusal(403, 'rateLimitExceeded'))
  const { gmail, finish, clock } = await play(t, [...busy, profile])
  await finish(gmail.profile({ lane: 'sync', cause: 'poll' }))
  assert.ok(clock.monotonicMs() > 60_000)
})

test('Retry-After is obeyed, and so is the time in the text, but not beyond a minute', async (t) => {
  const sync: CallOptions = { lane: 'sync', cause: 'poll' }
  const header = await play(t, [refusal(429, 'rateLimitExceeded', 'No', { 'retry-after': '7' }), profile])
  await header.finish(header.gmail.profile(sync))
  assert.equal(header.clock.monotonicMs(), 7000)

  const text = await play(t, [
    refusal(429, 'rateLimitExceeded', 'User-rate limit exceeded.  Retry after 2026-11-24T12:00:09.000Z'),
    profile,
  ])
  await text.finish(text.gmail.profile(sync))
  assert.equal(text.clock.monotonicMs(), 9000)

  const wrong = await play(t, [
    refusal(
      429,
      'rateLimitExceeded',
      'User-rate limit exceeded.  Retry after 2026-11-24T12:15:00.000Z (Mail)',
    ),
    profile,
  ])
  await wrong.finish(wrong.gmail.profile(sync))
  assert.equal(wrong.clock.monotonicMs(), 60_000)
})

test('an answer that never comes is given up after 30 seconds', async (t) => {
  const { google, gmail, clock } = await play(t, [() => {}, profile])
  const answer = gmail.profile({ lane: 'sync', cause: 'poll' })
  await google.saw(1)
  await clock.advance(29_999)
  assert.equal(google.calls.length, 1)
  await clock.advance(1)
  await settle(20)
  await clock.advance(1000)
  await answer
  assert.equal(google.calls.length, 2)
})

test('callers that want the same message share one call', async (t) => {
  const { google, gmail, finish } = await play(t, [rawAnswer('18c0ffee', Buffer.from('x'))])
  const both = Promise.all([
    gmail.rawMessage(id, person),
    gmail.rawMessage(id, { lane: 'prefetch', cause: 'hydrate' }),
  ])
  const [one, two] = await finish(both)
  assert.equal(one, two)
  assert.equal(google.calls.length, 1)
})

test("one caller's abort leaves the others alone; the last one's ends the request", async (t) => {
  let answer: (() => void) | undefined
  const { google, gmail, finish } = await play(t, [
    (response) => {
      answer = () => response.end(JSON.stringify(rawAnswer('18c0ffee', Buffer.from('x')).json))
    },
  ])
  const leaving = new AbortController()
  const left = gmail.rawMessage(id, { ...person, signal: leaving.signal })
  const stayed = gmail.rawMessage(id, person)
  await google.saw(1)
  leaving.abort(new Error('gone'))
  await assert.rejects(left, /gone/)
  answer?.()
  assert.equal((await finish(stayed)).bytes.toString(), 'x')

  const alone = new AbortController()
  const last = gmail.rawMessage(id, { ...person, signal: alone.signal })
  await google.saw(2)
  alone.abort(new Error('nobody'))
  await assert.rejects(last, /nobody/)
  while (gmail.budget().inFlight > 0) await settle()
})

test('modify() chooses between single calls and batches, and asks nothing for nothing', async (t) => {
  const { google, gmail, finish } = await play(t, [{ status: 204 }])
  const ids = Array.from({ length: 1003 }, (_, index) => messageId((index + 1).toString(16)))
  await finish(gmail.modify(ids, { add: [labelId('STARRED')], remove: [labelId('UNREAD')] }, person))
  assert.deepEqual(
    google.calls.map(({ path }) => path.split('/').at(-1)),
    ['batchModify', 'modify', 'modify', 'modify'],
  )
  const batch = JSON.parse(google.calls[0]?.body ?? '') as { ids: string[] }
  assert.equal(batch.ids.length, 1000)
  assert.deepEqual(JSON.parse(google.calls[1]?.body ?? ''), {
    addLabelIds: ['STARRED'],
    removeLabelIds: ['UNREAD'],
  })
  assert.deepEqual(gmail.ledger(), [
    { method: 'messages.batchModify', cause: 'fetch', calls: 1, units: 50 },
    { method: 'messages.modify', cause: 'fetch', calls: 3, units: 15 },
  ])
  await gmail.modify(ids, {}, person)
  await gmail.modify([], { add: [labelId('STARRED')] }, person)
  assert.equal(google.calls.length, 4)
})

test('modify() repeats after a lost answer, since a label change states what shall be', async (t) => {
  const { google, gmail, finish } = await play(t, [(response) => response.destroy(), { json: {} }])
  await finish(gmail.modify([id], { add: [labelId('STARRED')] }, person))
  assert.equal(google.calls.length, 2)
})

test('the ledger counts no units for a call that the quota refused', async (t) => {
  const { gmail, finish } = await play(t, [refusal(429, 'rateLimitExceeded'), profile])
  await finish(gmail.profile(person))
  assert.deepEqual(gmail.ledger(), [{ method: 'getProfile', cause: 'fetch', calls: 2, units: 1 }])
})

test('history() puts the events in order and reads a record without lists', async (t) => {
  const message = { id: 'a1', threadId: 'a1', labelIds: ['INBOX'] }
  const { gmail, finish } = await play(t, [
    {
      json: {
        history: [
          { id: '5', messages: [message], messagesAdded: [{ message }] },
          { id: '6', messages: [message] },
          {
            id: '7',
            labelsRemoved: [{ message: { id: 'A1', threadId: 'a1' }, labelIds: ['UNREAD', 'Label_9'] }],
          },
        ],
        historyId: 18446744073709551n.toString(),
      },
    },
  ])
  const page = await finish(gmail.history(4n, undefined, person))
  assert.deepEqual(page.events, [
    { kind: 'added', message: { id: 'a1', threadId: 'a1' }, labelIds: ['INBOX'] },
    { kind: 'labels-removed', message: { id: 'a1', threadId: 'a1' }, labelIds: ['UNREAD', 'Label_9'] },
  ])
  assert.equal(page.historyId, 18446744073709551n)
})

test('no token is ever logged or told', async (t) => {
  const { gmail, finish, log } = await play(t, [(response) => response.destroy()])
  const error = await finish(gmail.profile(person)).catch((caught: unknown) => caught)
  const told = JSON.stringify(error, (_key, value: unknown) =>
    value instanceof Error ? Object.assign({}, value, { message: value.message, cause: value.cause }) : value,
  )
  assert.ok(log.lines.length > 0)
  assert.ok(![told, ...log.lines].some((line) => line.includes('ya29')))
})

test('no proxy is asked for loopback', async (t) => {
  const before = process.env['HTTPS_PROXY']
  process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1'
  t.after(() => {
    if (before === undefined) delete process.env['HTTPS_PROXY']
    else process.env['HTTPS_PROXY'] = before
  })
  const { gmail, finish } = await play(t, [profile])
  assert.equal((await finish(gmail.profile(person))).messagesTotal, 3)
})
