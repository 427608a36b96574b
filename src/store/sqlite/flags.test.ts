import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { createSeal } from '#auth/seal.ts'
import { FlagBit } from '#mail/flags.ts'
import { messageKey, modSeq, uid } from '#mail/ids.ts'
import type { MessageKey } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import type { AccountStore, Store } from '../store.ts'
import { asBeforeFlags } from '../testing/before-flags.ts'
import { newQuietLog } from '../testing/quiet-log.ts'
import { filled, inbox, mailboxRow } from '../testing/rows.ts'
import { repairSqliteFile } from './repair.ts'
import { openSqliteStore } from './sqlite-store.ts'

const seal = createSeal(Buffer.alloc(32, 1))
const messages = 300
const keys = Array.from({ length: messages }, (_, index) => messageKey(index + 1))

function open(path: string): Promise<Store> {
  return openSqliteStore({ path, seal, clock: systemClock, log: newQuietLog() })
}

/** Opens the store, does the work with its only account and closes it. */
async function inStore<T>(
  path: string,
  work: (account: AccountStore, store: Store) => Promise<T>,
): Promise<T> {
  const store = await open(path)
  const [row] = await store.accounts()
  assert.ok(row)
  const result = await work(store.account(row.id), store)
  await store.close()
  return result
}

/** A closed store whose messages have flags of many kinds. */
async function flaggedFile(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-flags-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'postern.db')
  const store = await open(path)
  const { id } = await store.addAccount('ada@example.org')
  const account = store.account(id)
  const mailboxes = [mailboxRow({ uidNext: uid(messages + 1) })]
  await account.commit({ mailboxes, ...filled(1, messages) })
  const flags = keys.slice(0, 100).map((key) => ({
    key,
    bits: key % 2 === 0 ? FlagBit.seen : FlagBit.answered,
    keywords: key % 3 === 0 ? ['Work'] : [],
    modSeq: modSeq(7),
  }))
  const marks = [
    { keys: Uint32Array.from(keys.slice(80, 200)), add: FlagBit.flagged, remove: 0, modSeq: modSeq(8) },
  ]
  await account.commit({ mailboxes, flags, marks })
  await store.close()
  return path
}

async function read(account: AccountStore, some: readonly MessageKey[]) {
  const { keywords, ...columns } = await account.snapshot(inbox.id, 1, 10_000)
  const count = await account.count(inbox.id)
  return { rows: await account.messagesByKey(some), columns, keywords: [...keywords], count }
}

test('a store in which flags stood with the messages has the same flags after its opening', async (t) => {
  const path = await flaggedFile(t)
  const expected = await inStore(path, (account) => read(account, keys))
  asBeforeFlags(path)
  for (let opening = 0; opening < 2; opening++)
    await inStore(path, async (account, store) => {
      assert.deepEqual(await read(account, keys), expected)
      assert.deepEqual(await store.check(), [])
    })
})

test('a repair gives messages back whose flags are lost, without any', async (t) => {
  const path = await flaggedFile(t)
  const db = new DatabaseSync(path)
  db.exec('delete from flags where m % 2 = 0')
  db.close()
  const found = await inStore(path, (_, store) => store.check())
  assert.deepEqual(found, [`${messages / 2} messages have no row for their flags`])
  repairSqliteFile(path, Date.now())
  await inStore(path, async (account, store) => {
    assert.deepEqual(await store.check(), [])
    const { rows, columns } = await read(account, keys)
    assert.equal(columns.uids.length, messages)
    assert.equal(rows.get(messageKey(2))?.bits, 0)
    assert.equal(rows.get(messageKey(1))?.bits, FlagBit.answered)
  })
})

test('a MODSEQ that stands only with a mailbox is found again at the opening', async (t) => {
  const path = await flaggedFile(t)
  await inStore(path, async (account) => {
    const mailboxes = [mailboxRow({ highestModSeq: modSeq(40) })]
    await account.commit({ sync: { modSeq: modSeq(40) }, mailboxes })
    assert.equal((await account.sync()).modSeq, 40)
  })
  assert.equal((await inStore(path, (account) => account.sync())).modSeq, 40)
  await inStore(path, (account) => account.commit({ sync: { modSeq: modSeq(41) } }))
  assert.equal((await inStore(path, (account) => account.sync())).modSeq, 41)
})

test('a message takes its flags with it when it is forgotten', async (t) => {
  const path = await flaggedFile(t)
  const leave = [{ mailbox: inbox.id, uid: uid(1), modSeq: modSeq(9) }]
  await inStore(path, (account) => account.commit({ leave, forget: [messageKey(1)] }))
  const db = new DatabaseSync(path, { readOnly: true, returnArrays: true })
  assert.deepEqual(db.prepare('select count(*) from flags').get(), [messages - 1])
  db.close()
})
