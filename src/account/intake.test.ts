import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gmail, RawMessage } from '#gmail/gmail.ts'
import { accountId, messageId, threadId } from '#mail/ids.ts'
import type { Book } from './book.ts'
import type { MessageCache } from './cache/message-cache.ts'
import { Intake } from './intake.ts'
import { silence } from './testing/house.ts'

test('a message that came is at hand for a moment, not for ever', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const raw: RawMessage = {
    id: messageId('1a'),
    threadId: threadId('1a'),
    internalDate: 0,
    labelIds: [],
    snippet: '',
    bytes: Buffer.from('Subject: one\r\n\r\nHello\r\n'),
  }
  let calls = 0
  const gmail: Pick<Gmail, 'rawMessage'> = {
    rawMessage: async () => {
      calls++
      return raw
    },
  }
  // Neither the cache nor the store has a part in it.
  const none = {} as MessageCache & Book
  const intake = new Intake({
    account: accountId(1),
    gmail: gmail as Gmail,
    cache: none,
    book: none,
    log: silence,
  })
  const call = { lane: 'person', cause: 'fetch', signal: t.signal } as const
  await intake.fetch(raw.id, call)
  t.mock.timers.tick(5000)
  await intake.fetch(raw.id, call)
  assert.equal(calls, 1, 'who just missed it asks nobody')
  t.mock.timers.tick(5000)
  assert.equal(intake.atHand(raw.id), undefined)
  await intake.fetch(raw.id, call)
  assert.equal(calls, 2)
})
