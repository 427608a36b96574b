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

async function only(store: Store): Promise<AccountStore> {
  const [row] = await store.accounts()
  assert.ok(row)
  return store.account(row.id)
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
  return { rows: await account.messagesByKey(some), columns, keywords: [...keywords] }
}

test('a store in which flags stood with the messages has the same flags after its opening', async (t) => {
  const path = await flaggedFile(t)
  const before = await open(path)
  const expected = await read(await only(before), keys)
  const count = await (await only(before)).count(inbox.id)
  await before.close()
  asBeforeFlags(path)
  for (let opening = 0; opening < 2; opening++) {
    const store = await open(path)
    assert.deepEqual(await read(await only(store), keys), expected)
    assert.deepEqual(await (await only(store)).count(inbox.id), count)
    assert.deepEqual(await store.check(), [])
    await store.close()
  }
})

test('a repair gives messages back whose flags are lost, without any', async (t) => {
  const path = await flaggedFile(t)
  const db = new DatabaseSync(path)
  db.exec('delete from flags where m % 2 = 0')
  db.close()
  repairSqliteFile(path, Date.now())
  const store = await open(path)
  const { rows, columns } = await read(await only(store), keys)
  assert.equal(columns.uids.length, messages)
  assert.equal(rows.get(messageKey(2))?.bits, 0)
  assert.equal(rows.get(messageKey(1))?.bits, FlagBit.answered)
  await store.close()
})

test('a MODSEQ that stands only with a mailbox is found again at the opening', async (t) => {
  const path = await flaggedFile(t)
  const store = await open(path)
  const account = await only(store)
  await account.commit({
    sync: { modSeq: modSeq(40) },
    mailboxes: [mailboxRow({ highestModSeq: modSeq(40) })],
  })
  assert.equal((await account.sync()).modSeq, 40)
  await account.commit({ sync: { modSeq: modSeq(41) } })
  await store.close()
  const again = await open(path)
  assert.equal((await (await only(again)).sync()).modSeq, 41)
  await again.close()
})

test('a message takes its flags with it when it is forgotten', async (t) => {
  const path = await flaggedFile(t)
  const store = await open(path)
  const account = await only(store)
  await account.commit({
    leave: [{ mailbox: inbox.id, uid: uid(1), modSeq: modSeq(9) }],
    forget: [messageKey(1)],
  })
  await store.close()
  const db = new DatabaseSync(path, { readOnly: true, returnArrays: true })
  assert.deepEqual(db.prepare('select count(*) from flags').get(), [messages - 1])
  db.close()
})
