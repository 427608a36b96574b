import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Gmail, RawMessage } from '#gmail/gmail.ts'
import { createSeal } from '#auth/seal.ts'
import { accountId, labelId, messageId, threadId } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import { Book } from './book.ts'
import type { AccountSieves } from './cache/account-sieves.ts'
import { createMessageCache } from './cache/message-cache.ts'
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
  const none = {} as AccountSieves & MessageCache & Book
  const intake = new Intake({
    account: accountId(1),
    gmail: gmail as Gmail,
    cache: none,
    book: none,
    sieves: none,
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

test('what is stored can be searched without the store: its sieve is in memory', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'postern-intake-'))
  const seal = createSeal(Buffer.alloc(32, 7))
  const log = silence
  const store = await openSqliteStore({ path: join(dir, 'store.db'), seal, clock: systemClock, log })
  const cache = await createMessageCache({
    dir: join(dir, 'cache'),
    diskBytes: 0,
    memoryBytes: 100_000,
    seal,
    log,
  })
  t.after(async () => {
    await cache.close()
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const { id: account } = await store.addAccount('demo@gmail.test')
  const book = await Book.open(store.account(account), 1)
  const ref = { messageId: messageId('1a'), threadId: threadId('1a') }
  const key = await book.write((entry) => {
    const message = entry.addMessage(ref, 0)
    entry.join(entry.addMailbox(labelId('INBOX'), 0).id, message)
    return message.key
  })
  const bytes = Buffer.from('Subject: one\r\n\r\nHello\r\n')
  const raw = { id: ref.messageId, threadId: ref.threadId, internalDate: 0, labelIds: [], snippet: '', bytes }
  const gmail: Pick<Gmail, 'rawMessage'> = { rawMessage: async () => raw }
  const { sieves } = cache.records.open()
  const intake = new Intake({ account, gmail: gmail as Gmail, cache, book, sieves, log })
  const fetched = await intake.fetch(ref.messageId, { lane: 'person', cause: 'fetch', signal: t.signal })
  await intake.keep(key, fetched)
  const stored = (await book.store.sieves([key])).get(key)
  assert.ok(stored !== undefined)
  assert.deepEqual(sieves.get(key), stored)
})
