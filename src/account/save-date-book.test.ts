import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createSeal } from '#auth/seal.ts'
import { labelId, messageId, messageKey, threadId, uid } from '#mail/ids.ts'
import type { MailboxId } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import { Book } from './book.ts'
import { SaveDateBook } from './save-date-book.ts'
import { silence } from './testing/house.ts'

async function scene(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'postern-save-dates-'))
  const seal = createSeal(Buffer.alloc(32, 7))
  const store = await openSqliteStore({ path: join(dir, 'store.db'), seal, clock: systemClock, log: silence })
  t.after(async () => {
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const { id } = await store.addAccount('demo@gmail.test')
  const book = await Book.open(store.account(id), 1)
  const [inbox, work] = await book.write((entry) =>
    ['INBOX', 'Work'].map((label) => {
      const mailbox = entry.addMailbox(labelId(label), 0).id
      entry.setWhole(mailbox)
      return mailbox
    }),
  )
  assert.ok(inbox !== undefined && work !== undefined)
  let keys = 0
  const add = (mailbox: MailboxId) =>
    book.write((entry) => {
      const name = `a${++keys}`
      entry.join(mailbox, entry.addMessage({ messageId: messageId(name), threadId: threadId(name) }, 0))
    })
  return { book, inbox, work, add }
}

test('save dates are read once, and again when more messages came', async (t) => {
  const { book, inbox, work, add } = await scene(t)
  await add(inbox)
  await add(work)
  const dates = new SaveDateBook(book)
  const [first, other] = [await dates.of(inbox), await dates.of(work)]
  assert.equal(await dates.of(inbox), first)
  assert.notEqual(first.of(1), undefined)
  await book.write((entry) => entry.leave({ mailbox: inbox, uid: uid(1), key: messageKey(1) }))
  assert.equal(await dates.of(inbox), first, 'who leaves changes nothing of the others')
  await add(inbox)
  assert.notEqual(await dates.of(inbox), first)
  assert.deepEqual(await dates.of(inbox), await book.store.saveDates(inbox))
  assert.equal(await dates.of(work), other)
  await book.write((entry) => entry.dropMailbox(work))
  assert.deepEqual((await dates.of(work)).uids, [])
})

test('what was read while more messages came is not kept', async (t) => {
  const { book, inbox, add } = await scene(t)
  await add(inbox)
  const { promise: went, resolve: go } = Promise.withResolvers<void>()
  const slow = {
    saveDates: async (mailbox: MailboxId) => {
      const dates = await book.store.saveDates(mailbox)
      await went
      return dates
    },
  }
  const dates = new SaveDateBook({
    store: slow,
    onCommit: (listener) => book.onCommit(listener),
  })
  const early = dates.of(inbox)
  await add(inbox)
  go()
  await early
  const late = await dates.of(inbox)
  assert.notEqual(late, await early)
  assert.equal(await dates.of(inbox), late)
})
