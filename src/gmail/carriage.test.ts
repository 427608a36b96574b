import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelId, messageId, threadId } from '#mail/ids.ts'
import type { CallOptions } from './gmail.ts'
import { FakeGoogle, refusal } from './testing/fake-google.ts'
import { gmailError, play } from './testing/scene.ts'

const person: CallOptions = { lane: 'person', cause: 'append' }
const stored = { json: { id: '18c1', threadId: '18c0', labelIds: ['SENT'] } }
const draft = { json: { id: 'r-7', message: { id: '18c1', threadId: '18c1', labelIds: ['DRAFT'] } } }
const mail = Buffer.from('From: anna@example.com\r\nSubject: \xff\r\n\r\n--x\r\nHello\r\n', 'latin1')

const jsonOf = (call: { body: string } | undefined) => JSON.parse(call?.body ?? '') as { raw?: string }

test('an upload tells its length, alone and beside JSON', async (t) => {
  const { google, gmail, finish } = await play(t, [stored])
  await finish(gmail.sendMessage(mail, {}, person))
  await finish(gmail.insertMessage({ bytes: mail, labelIds: [labelId('é')] }, person))
  for (const { headers, bytes } of google.calls) {
    assert.equal(headers['content-length'], String(bytes.length))
    assert.equal(headers['transfer-encoding'], undefined)
  }
})

test('where no uploads are taken, messages travel inside of JSON from then on', async (t) => {
  const nowhere = { status: 404, text: '<h1>Not Found</h1>' }
  const { google, gmail, clock, finish } = await play(t, [nowhere, stored, stored, draft, stored])
  await finish(gmail.insertMessage({ bytes: mail, labelIds: [labelId('INBOX')] }, person))
  await finish(gmail.sendMessage(mail, { threadId: threadId('18c0') }, person))
  await finish(gmail.createDraft(mail, person))
  const raw = mail.toString('base64url')
  const [, inserted, sent, drafted] = google.calls
  assert.deepEqual(
    google.calls.map(({ path }) => path),
    [
      '/upload/gmail/v1/users/me/messages',
      '/gmail/v1/users/me/messages',
      '/gmail/v1/users/me/messages/send',
      '/gmail/v1/users/me/drafts',
    ],
  )
  assert.deepEqual(jsonOf(inserted), { labelIds: ['INBOX'], raw })
  assert.equal(inserted?.query.get('internalDateSource'), 'receivedTime')
  assert.deepEqual(jsonOf(sent), { threadId: '18c0', raw })
  assert.deepEqual(jsonOf(drafted), { message: { raw } })
  // An hour later they may be there.
  await clock.advance(3_600_000)
  await finish(gmail.sendMessage(mail, {}, person))
  assert.equal(google.calls[4]?.path, '/upload/gmail/v1/users/me/messages/send')
})

test('what is wrong with a message is told as it is, and uploads are tried again', async (t) => {
  const gone = refusal(404, 'notFound', 'Requested entity was not found.')
  const { google, gmail, finish } = await play(t, [gone, gone, stored])
  await assert.rejects(
    finish(gmail.sendMessage(mail, { threadId: threadId('1') }, person)),
    gmailError('not-found'),
  )
  await finish(gmail.sendMessage(mail, {}, person))
  assert.equal(google.calls[2]?.path, '/upload/gmail/v1/users/me/messages/send')
})

test('what is too large for JSON is not sent so', async (t) => {
  const { google, gmail, finish } = await play(t, [{ status: 404, text: 'nothing here' }])
  const bytes = Buffer.alloc(3_500_001)
  await assert.rejects(finish(gmail.sendMessage(bytes, {}, person)), gmailError('unavailable'))
  assert.ok(google.calls.every(({ path }) => path.startsWith('/upload/')))
})

test('a message that was put in has the labels it was given, where the answer does not tell', async (t) => {
  const { gmail, finish } = await play(t, [{ json: { id: '18c1' } }])
  const labelIds = [labelId('INBOX'), labelId('UNREAD')]
  const answer = await finish(gmail.insertMessage({ bytes: mail, labelIds }, person))
  assert.deepEqual(answer, { id: '18c1', threadId: '18c1', labelIds })
})

test('calls and uploads go below the path of the address', async (t) => {
  const google = await FakeGoogle.start(stored)
  t.after(() => google.close())
  for (const end of ['/some/gate', '/some/gate/', '/some/gate/gmail/v1']) {
    const { gmail, finish } = await play(t, [], { apiUrl: google.url + end })
    await finish(gmail.insertMessage({ bytes: mail, labelIds: [] }, person))
    await finish(gmail.modify([messageId('1')], { add: [labelId('X')] }, person))
  }
  assert.deepEqual(
    new Set(google.calls.map(({ path }) => path)),
    new Set([
      '/some/gate/upload/gmail/v1/users/me/messages',
      '/some/gate/gmail/v1/users/me/messages/1/modify',
    ]),
  )
})
