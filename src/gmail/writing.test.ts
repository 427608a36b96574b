import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { labelId, messageId, threadId } from '#mail/ids.ts'
import type { CallOptions, Gmail } from './gmail.ts'
import { refusal } from './testing/fake-google.ts'
import type { Behaviour, SeenCall } from './testing/fake-google.ts'
import { gmailError, play } from './testing/scene.ts'

const person: CallOptions = { lane: 'person', cause: 'append' }
const stored = { json: { id: '18c1', threadId: '18c0', labelIds: ['SENT'] } }
const draft = { json: { id: 'r-7', message: { id: '18c1', threadId: '18c1', labelIds: ['DRAFT'] } } }
const label = { json: { id: 'Label_7', name: 'a/b', type: 'user', labelListVisibility: 'labelShow' } }
const mail = Buffer.from('From: anna@example.com\r\nSubject: \xff\r\n\r\n--x\r\nHello\r\n', 'latin1')

/** The two parts of a multipart/related body, octet for octet. */
function partsOf({ headers, bytes }: SeenCall): { json: unknown; message: Buffer } {
  const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1] ?? assert.fail('no boundary')
  const text = bytes.toString('latin1')
  const [, first = '', second = '', end] = text.split(`--${boundary}`)
  assert.equal(end, '--')
  assert.match(second, /^\r\ncontent-type: message\/rfc822\r\n\r\n/i)
  return { json: JSON.parse(bodyOf(first)), message: Buffer.from(bodyOf(second), 'latin1') }
}

/** What stands after the part's header and before the line end that belongs to the boundary. */
function bodyOf(part: string): string {
  return part.slice(part.indexOf('\r\n\r\n') + 4, -2)
}

test('insertMessage() uploads the octets as they are, with labels and the date to keep', async (t) => {
  const { google, gmail, finish } = await play(t, [stored])
  const message = {
    bytes: mail,
    labelIds: [labelId('INBOX'), labelId('UNREAD')],
    internalDate: 'dateHeader',
    threadId: threadId('18c0'),
  } as const
  assert.deepEqual(await finish(gmail.insertMessage(message, person)), {
    id: '18c1',
    threadId: '18c0',
    labelIds: ['SENT'],
  })
  const call = google.calls[0] ?? assert.fail('no call')
  assert.equal(`${call.method} ${call.path}`, 'POST /upload/gmail/v1/users/me/messages')
  assert.equal(call.query.get('uploadType'), 'multipart')
  assert.equal(call.query.get('internalDateSource'), 'dateHeader')
  assert.deepEqual(partsOf(call), {
    json: { labelIds: ['INBOX', 'UNREAD'], threadId: '18c0' },
    message: mail,
  })
  assert.deepEqual(gmail.ledger(), [{ method: 'messages.insert', cause: 'append', calls: 1, units: 25 }])
})

test('any octets arrive, alone and beside JSON', async (t) => {
  const { google, gmail, finish } = await play(t, [stored])
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300_000, size: 'max' }), async (octets) => {
      const bytes = Buffer.from(octets)
      await finish(gmail.sendMessage(bytes, {}, person))
      assert.ok(google.calls.at(-1)?.bytes.equals(bytes))
      await finish(gmail.insertMessage({ bytes, labelIds: [] }, person))
      const call = google.calls.at(-1) ?? assert.fail('no call')
      assert.ok(partsOf(call).message.equals(bytes))
    }),
    { numRuns: 8 },
  )
})

test('sendMessage() sends the message alone, or with the thread it belongs to', async (t) => {
  const { google, gmail, finish } = await play(t, [stored])
  await finish(gmail.sendMessage(mail, {}, person))
  await finish(gmail.sendMessage(mail, { threadId: threadId('18c0') }, person))
  const [alone, threaded] = google.calls
  assert.equal(alone?.path, '/upload/gmail/v1/users/me/messages/send')
  assert.equal(alone.query.get('uploadType'), 'media')
  assert.equal(alone.headers['content-type'], 'message/rfc822')
  assert.ok(alone.bytes.equals(mail))
  assert.deepEqual(threaded && partsOf(threaded), { json: { threadId: '18c0' }, message: mail })
})

test('drafts are made, replaced, listed, sent and deleted', async (t) => {
  const list = { json: { drafts: [draft.json], nextPageToken: '12' } }
  const { google, gmail, finish } = await play(t, [draft, draft, list, draft, stored, { status: 204 }])
  const made = await finish(gmail.createDraft(mail, person))
  assert.deepEqual(made, { draftId: 'r-7', message: { id: '18c1', threadId: '18c1' } })
  await finish(gmail.updateDraft('r-7', mail, person))
  assert.deepEqual(await finish(gmail.listDrafts('11', person)), { drafts: [made], nextPageToken: '12' })
  assert.deepEqual(await finish(gmail.draft('r-7', person)), made)
  assert.equal((await finish(gmail.sendDraft('r-7', person))).id, '18c1')
  await finish(gmail.deleteDraft('r-7', person))
  assert.deepEqual(
    google.calls.map(({ method, path }) => `${method} ${path}`),
    [
      'POST /upload/gmail/v1/users/me/drafts',
      'PUT /upload/gmail/v1/users/me/drafts/r-7',
      'GET /gmail/v1/users/me/drafts',
      'GET /gmail/v1/users/me/drafts/r-7',
      'POST /gmail/v1/users/me/drafts/send',
      'DELETE /gmail/v1/users/me/drafts/r-7',
    ],
  )
  assert.ok(google.calls[0]?.bytes.equals(mail) && google.calls[1]?.bytes.equals(mail))
  assert.equal(google.calls[2]?.query.get('pageToken'), '11')
  assert.equal(google.calls[3]?.query.get('format'), 'minimal')
  assert.equal(google.calls[4]?.body, '{"id":"r-7"}')
  const units = gmail.ledger().reduce((sum, line) => sum + line.units, 0)
  assert.equal(units, 10 + 15 + 5 + 20 + 100 + 10)
})

test('labels are made, renamed and deleted', async (t) => {
  const { google, gmail, finish } = await play(t, [label, label, { status: 204 }])
  assert.deepEqual(await finish(gmail.createLabel('a/b', person)), label.json)
  await finish(gmail.renameLabel(labelId('Label_7'), 'c', person))
  await finish(gmail.deleteLabel(labelId('Label_7'), person))
  assert.deepEqual(
    google.calls.map(({ method, path, body }) => [method, path, body]),
    [
      [
        'POST',
        '/gmail/v1/users/me/labels',
        '{"name":"a/b","labelListVisibility":"labelShow","messageListVisibility":"show"}',
      ],
      ['PATCH', '/gmail/v1/users/me/labels/Label_7', '{"name":"c"}'],
      ['DELETE', '/gmail/v1/users/me/labels/Label_7', ''],
    ],
  )
})

test('a label name that is taken is a conflict, one that Gmail does not take is invalid', async (t) => {
  const taken = await play(t, [refusal(409, 'aborted', 'Label name exists or conflicts')])
  await assert.rejects(
    taken.finish(taken.gmail.createLabel('x', person)),
    gmailError('conflict', { reason: 'aborted', maybeDone: false }),
  )
  const reserved = await play(t, [refusal(400, 'invalidArgument', 'Invalid label name')])
  await assert.rejects(
    reserved.finish(reserved.gmail.createLabel('inbox', person)),
    gmailError('invalid', { reason: 'invalidArgument' }),
  )
})

test('deleteMessages() chooses between single calls and batches; what is gone already is no error', async (t) => {
  const { google, gmail, finish } = await play(t, [
    { status: 204 },
    { status: 204 },
    refusal(404, 'notFound'),
  ])
  const ids = Array.from({ length: 1002 }, (_, index) => messageId((index + 1).toString(16)))
  await finish(gmail.deleteMessages(ids, person))
  assert.deepEqual(
    google.calls.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`),
    ['POST batchDelete', 'DELETE 3e9', 'DELETE 3ea'],
  )
  await gmail.deleteMessages([], person)
  assert.equal(google.calls.length, 3)
  const forbidden = await play(t, [refusal(403, 'insufficientPermissions')])
  await assert.rejects(
    forbidden.finish(forbidden.gmail.deleteMessages(ids.slice(0, 1), person)),
    gmailError('forbidden'),
  )
})

/** Each makes something new. */
const onceOnly: [string, (gmail: Gmail) => Promise<unknown>, Behaviour][] = [
  ['insertMessage', (gmail) => gmail.insertMessage({ bytes: mail, labelIds: [] }, person), stored],
  ['sendMessage', (gmail) => gmail.sendMessage(mail, {}, person), stored],
  ['createDraft', (gmail) => gmail.createDraft(mail, person), draft],
  ['sendDraft', (gmail) => gmail.sendDraft('r-7', person), stored],
  ['createLabel', (gmail) => gmail.createLabel('a', person), label],
]
for (const [name, call, answer] of onceOnly) {
  for (const [trouble, behaviour] of [
    ['a dropped connection', (response) => response.destroy()],
    ['500', refusal(500, 'backendError')],
    ['503 as HTML', { status: 503, text: '<html>Service Unavailable</html>' }],
    ['a cut JSON answer', { text: '{"id": "18' }],
    ['an answer without an id', { json: {} }],
  ] satisfies [string, Behaviour][])
    test(`${name}() is not repeated after ${trouble}, and says that it may be done`, async (t) => {
      const { google, gmail, finish } = await play(t, [behaviour, answer])
      await assert.rejects(finish(call(gmail)), gmailError('unavailable', { maybeDone: true }))
      assert.equal(google.calls.length, 1)
    })

  for (const [trouble, behaviour] of [
    ['429', refusal(429, 'rateLimitExceeded')],
    ['403 for quota', refusal(403, 'userRateLimitExceeded')],
    ['401', refusal(401, 'authError')],
  ] satisfies [string, Behaviour][])
    test(`${name}() is repeated after ${trouble}, which Gmail did not do`, async (t) => {
      const { google, gmail, finish } = await play(t, [behaviour, answer])
      await finish(call(gmail))
      assert.equal(google.calls.length, 2)
      const [first, second] = google.calls
      if (!first?.headers['content-type']?.startsWith('multipart/'))
        assert.ok(second && first?.bytes.equals(second.bytes), 'the same octets again')
    })

  test(`${name}() that is refused was surely not done`, async (t) => {
    const { gmail, finish } = await play(t, [refusal(400, 'invalidArgument', 'Recipient address required')])
    await assert.rejects(finish(call(gmail)), gmailError('invalid', { maybeDone: false }))
  })

  test(`${name}() without a connection waits, then says that nothing was done`, async (t) => {
    const { gmail, finish, clock } = await play(t, [answer], { apiUrl: await closedPort() })
    await assert.rejects(finish(call(gmail)), gmailError('unavailable', { maybeDone: false }))
    assert.ok(clock.sleeps.filter((ms) => ms < 30_000).length > 3, 'it was tried again')
  })
}

test('what only states how things shall be is repeated after a lost answer', async (t) => {
  const calls: [(gmail: Gmail) => Promise<unknown>, Behaviour][] = [
    [(gmail) => gmail.updateDraft('r-7', mail, person), draft],
    [(gmail) => gmail.renameLabel(labelId('Label_7'), 'c', person), label],
    // The first one was done after all.
    [(gmail) => gmail.deleteDraft('r-7', person), refusal(404, 'notFound')],
    [(gmail) => gmail.deleteLabel(labelId('Label_7'), person), refusal(404, 'notFound')],
    [(gmail) => gmail.deleteMessages([messageId('1')], person), refusal(404, 'notFound')],
  ]
  for (const [call, answer] of calls) {
    const { google, gmail, finish } = await play(t, [(response) => response.destroy(), answer])
    await finish(call(gmail))
    assert.equal(google.calls.length, 2)
  }
})

test('what is made once goes out on a connection of its own', async (t) => {
  const ports: (number | undefined)[] = []
  const note: Behaviour = (response) => {
    ports.push(response.req.socket.remotePort)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(stored.json))
  }
  const { gmail, finish } = await play(t, [note])
  await finish(gmail.sendMessage(mail, {}, person))
  await finish(gmail.sendMessage(mail, {}, person))
  assert.notEqual(ports[0], ports[1])
})

test('an upload that makes no progress is given up after 30 seconds', async (t) => {
  const { gmail, clock, google } = await play(t, [() => {}])
  const sent = gmail.sendMessage(mail, {}, person)
  const outcome = assert.rejects(sent, gmailError('unavailable', { maybeDone: true }))
  await google.saw(1)
  await clock.advance(30_000)
  await outcome
})

test('an upload that is cut in the middle may be done; one that is aborted gives the reason', async (t) => {
  const large = Buffer.alloc(20_000_000, 'x')
  let cut: (() => void) | undefined
  const seen: (() => void)[] = []
  const server = createServer((request) => {
    request.once('data', () => {
      cut = () => request.socket.destroy()
      seen.shift()?.()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const call of [
    (gmail: Gmail, options: CallOptions) => gmail.sendMessage(large, {}, options),
    (gmail: Gmail, options: CallOptions) => gmail.insertMessage({ bytes: large, labelIds: [] }, options),
  ]) {
    const { gmail } = await play(t, [], { apiUrl })
    const begun = new Promise<void>((resolve) => seen.push(resolve))
    const sent = assert.rejects(call(gmail, person), gmailError('unavailable', { maybeDone: true }))
    await begun
    cut?.()
    await sent

    const controller = new AbortController()
    const begunAgain = new Promise<void>((resolve) => seen.push(resolve))
    const aborted = assert.rejects(call(gmail, { ...person, signal: controller.signal }), /leaving/)
    await begunAgain
    controller.abort(new Error('leaving'))
    await aborted
  }
})

test('settings: POP and the addresses that may send', async (t) => {
  const sendAs = [
    { sendAsEmail: 'anna@example.com', isPrimary: true, isDefault: true, displayName: 'Anna' },
    { sendAsEmail: 'info@example.com', verificationStatus: 'accepted' },
    { sendAsEmail: 'else@example.com', verificationStatus: 'pending' },
  ]
  const { gmail, finish } = await play(t, [
    { json: { accessWindow: 'allMail', disposition: 'markRead' } },
    { json: {} },
    { json: { sendAs } },
  ])
  assert.deepEqual(await finish(gmail.popSettings(person)), {
    accessWindow: 'allMail',
    disposition: 'markRead',
  })
  assert.deepEqual(await finish(gmail.popSettings(person)), {
    accessWindow: 'disabled',
    disposition: 'leaveInInbox',
  })
  assert.deepEqual(
    (await finish(gmail.sendAs(person))).map(({ address, verified, isDefault }) => [
      address,
      verified,
      isDefault,
    ]),
    [
      ['anna@example.com', true, true],
      ['info@example.com', true, false],
      ['else@example.com', false, false],
    ],
  )
})

/** The address of a port on which nobody listens. */
async function closedPort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
