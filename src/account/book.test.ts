import assert from 'node:assert/strict'
import { fdatasync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createSeal } from '#auth/seal.ts'
import { labelId, messageId, modSeq, threadId } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import { Book } from './book.ts'
import { EarlierReading } from './reading.ts'
import { silence } from './testing/house.ts'

const sync = promisify(fdatasync)

async function scene(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'postern-book-'))
  let held = Promise.resolve()
  const disk = {
    broken: false,
    /** Nothing comes to the disk until the function it gives is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
  }
  const store = await openSqliteStore({
    path: join(dir, 'store.db'),
    seal: createSeal(Buffer.alloc(32, 7)),
    clock: systemClock,
    log: silence,
    disk: {
      retryMs: 1,
      async syncData(file) {
        if (disk.broken) throw new Error('EIO')
        await held
        await sync(file)
      },
    },
  })
  t.after(async () => {
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const { id } = await store.addAccount('demo@gmail.test')
  const book = await Book.open(store.account(id), 1)
  const inbox = await book.write((entry) => entry.addMailbox(labelId('INBOX'), 0).id)
  const add = (n: number) =>
    book.write((entry) => {
      const ref = { messageId: messageId(`a${n}`), threadId: threadId(`a${n}`) }
      return { uid: entry.join(inbox, entry.addMessage(ref, 0)), at: n }
    })
  return { store, book, inbox, add, disk }
}

test('what the disk did not confirm is written again before anything else, and published once', async (t) => {
  const { store, book, inbox, add, disk } = await scene(t)
  const published: number[] = []
  book.onCommit((entry) =>
    published.push(...[...entry.changes.values()].flatMap(({ joined }) => joined.map(({ uid }) => uid))),
  )
  assert.equal((await add(1)).uid, 1)
  disk.broken = true
  await assert.rejects(add(2), { kind: 'disk', inDoubt: true })
  await assert.rejects(add(3), { kind: 'disk' })
  assert.deepEqual(published, [1], 'nobody hears of a UID that may be lost')
  disk.broken = false
  while ((await store.writeFault()) !== undefined) await setImmediate()
  assert.equal((await add(3)).uid, 3)
  assert.deepEqual(published, [1, 2, 3])
  const { uids } = await book.store.snapshot(inbox, 1, 10)
  assert.deepEqual([...uids], [1, 2, 3])
})

test('a reading is good until somebody else writes', async (t) => {
  const { book, inbox, add } = await scene(t)
  await add(1)
  await add(2)
  const { keys } = await book.store.snapshot(inbox, 1, 10)
  const [first, second] = [...keys] as [never, never]
  const reading = await EarlierReading.read(book, [first, second])
  const bitsSeen: (number | undefined)[] = []
  const set = (earlier: EarlierReading, key: never, bits: number) =>
    earlier.write([key], (entry, { rows, membershipsOf }) => {
      bitsSeen.push(rows.get(key)?.bits)
      entry.setFlags({ key, bits, keywords: [] }, membershipsOf(key))
    })
  await set(reading, first, 1)
  await set(await EarlierReading.read(book, [second]), second, 4)
  await set(reading, second, 8)
  await set(EarlierReading.none(book), second, 1)
  assert.deepEqual(bitsSeen, [0, 0, 4, 8])
})

test('flags and removals do not wait for the disk, what comes after them carries them there', async (t) => {
  const { store, book, inbox, add, disk } = await scene(t)
  const { uid } = await add(1)
  const { keys } = await book.store.snapshot(inbox, 1, 10)
  const key = keys[0] as never
  const release = disk.hold()
  const reading = await EarlierReading.read(book, [key])
  await reading.write([key], (entry, { membershipsOf }) =>
    entry.setFlags({ key, bits: 4, keywords: [] }, membershipsOf(key)),
  )
  await book.write((entry) => entry.leave({ mailbox: inbox, uid, key }))
  assert.deepEqual(await book.store.vanished(inbox, modSeq(1)), [uid])
  let isAdded = false
  const adding = add(2).then(() => (isAdded = true))
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  assert.equal(isAdded, false, 'a UID is on the disk before anybody hears of it')
  release()
  await adding
  assert.equal(await store.writeFault(), undefined)
})

test('after a start no MODSEQ is given that may have been given and lost', async (t) => {
  const { store, add } = await scene(t)
  await add(1)
  const account = store.account((await store.accounts())[0]?.id as never)
  const now = 1_795_000_000_000.5
  const again = await Book.open(account, now)
  assert.equal(again.sync.modSeq, 1_795_000_000_000)
  const inbox = [...again.mailboxes.keys()][0] as never
  await again.write((entry) => entry.leave({ mailbox: inbox, uid: 1 as never, key: 1 as never }))
  assert.equal(again.mailboxes.get(inbox)?.highestModSeq, 1_795_000_000_001)
  const setBack = await Book.open(account, now - 1_000_000)
  assert.equal(setBack.sync.modSeq, 1_795_000_000_001)
})
