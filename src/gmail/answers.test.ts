import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelId } from '#mail/ids.ts'
import {
  readHistoryPage,
  readLabel,
  readLabelCounts,
  readLabels,
  readMessagePage,
  readRawMessage,
} from './answers.ts'
import { CallFailure } from './failure.ts'
import { parseRawAnswer } from './json-answer.ts'

const systemIds = ['INBOX', 'SENT', 'DRAFT', 'SPAM', 'TRASH', 'UNREAD', 'STARRED']

test('labels that every mailbox has are there though the list leaves them out, and none that it may not have', () => {
  const labels = readLabels({
    labels: [
      { id: 'x-7', name: 'Work/été & café' },
      { id: 'SENT', name: 'Gesendet', type: 'system' },
    ],
  })
  assert.deepEqual(new Set(labels.map(({ id }) => id)), new Set([...systemIds, 'x-7']))
  assert.equal(labels.length, systemIds.length + 1)
  assert.equal(labels.find(({ id }) => id === 'SENT')?.name, 'Gesendet')
  assert.equal(labels.find(({ id }) => id === 'x-7')?.type, 'user')
  assert.equal(labels.find(({ id }) => id === 'SPAM')?.type, 'system')
})

test('a label without a type is a system label by its id alone', () => {
  for (const id of ['INBOX', 'CATEGORY_SOCIAL', 'YELLOW_STAR'])
    assert.equal(readLabel({ id, name: id }).type, 'system')
  assert.equal(readLabel({ id: 'Label_1', name: 'INBOX' }).type, 'user')
})

test('a count that is not told is no nought', () => {
  assert.deepEqual(readLabelCounts({ id: 'SPAM' }), { messagesTotal: undefined })
  assert.deepEqual(readLabelCounts({ messagesTotal: '7' }), { messagesTotal: 7 })
})

const next = (nextPageToken: unknown, asked?: string) =>
  readMessagePage({ nextPageToken }, asked).nextPageToken

test('a page token is a text or a number, and nothing else is the end of a list', () => {
  assert.equal(next('07'), '07')
  assert.equal(next(7), '7')
  for (const none of [undefined, null, '']) assert.equal(next(none), undefined)
  for (const odd of [true, {}, 1e300, 0.5]) assert.throws(() => next(odd), CallFailure)
  assert.throws(() => next('07', '07'), CallFailure)
  assert.throws(() => readHistoryPage({ historyId: '1', nextPageToken: 'a' }, 'a'), CallFailure)
})

test('a message without a thread is its own, and one without a date has the date it tells', () => {
  const bytes = Buffer.from('Date: Mon, 5 Jan 2026 10:00:00 +0000\r\n\r\n')
  const message = readRawMessage({ id: '18c1' }, bytes)
  assert.equal(message.threadId, '18c1')
  assert.equal(message.internalDate, Date.UTC(2026, 0, 5, 10))
  assert.deepEqual(message.labelIds, [])
  assert.equal(readRawMessage({ id: '1' }, Buffer.from('\r\n')).internalDate, 0)
})

test('a label change that does not tell which label says so', () => {
  const message = { id: '1', threadId: '1' }
  const { events } = readHistoryPage(
    {
      historyId: '9',
      history: [
        { id: '7', messages: [message] },
        { id: '8', labelsAdded: [{ message }, { message: { ...message, labelIds: ['INBOX'] } }] },
      ],
    },
    undefined,
  )
  const [silent, current] = events
  assert.deepEqual(silent, { kind: 'labels-added', message, labelIds: undefined })
  assert.deepEqual(current, {
    kind: 'labels-added',
    message,
    labelIds: undefined,
    current: [labelId('INBOX')],
  })
})

test('a large message is read past another raw that comes before its own', async () => {
  const raw = Buffer.alloc(2_000_000, 'All work and no play. ')
  const extra = { raw: 'bm90IHRoaXM', more: [{ raw: 'nor this' }] }
  const { fields, bytes } = await parseRawAnswer(
    Buffer.from(JSON.stringify({ extra, id: '1', raw: raw.toString('base64') })),
  )
  assert.ok(bytes.equals(raw))
  assert.deepEqual(fields, { extra, id: '1' })
})
