import assert from 'node:assert/strict'
import {
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
  closeSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createSeal } from '#auth/seal.ts'
import { mailboxId, messageKey, uid } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { newQuietLog } from '../testing/quiet-log.ts'
import { contentOf, filled, inbox, mailboxRow } from '../testing/rows.ts'
import { repairSqliteFile } from './repair.ts'
import { openSqliteStore } from './sqlite-store.ts'

const seal = createSeal(Buffer.alloc(32, 1))
const messages = 2000

function open(path: string) {
  return openSqliteStore({ path, seal, clock: systemClock, log: newQuietLog() })
}

async function filledFile(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-repair-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'postern.db')
  const store = await open(path)
  const { id } = await store.addAccount('ada@example.org')
  await store.setSecret(id, 'grant', Buffer.from('refresh-token'))
  const account = store.account(id)
  await account.commit({
    sync: { phase: 'live', historyId: 7n, nextKey: messageKey(messages + 1) },
    mailboxes: [mailboxRow({ uidNext: uid(messages + 1) })],
    ...filled(1, messages),
  })
  await account.commit({ content: Array.from({ length: messages }, (_, index) => contentOf(index + 1)) })
  await store.close()
  return path
}

/** Pages of the file that hold this text become noise. */
function damagePages(path: string, chosen: (page: Buffer, index: number) => boolean): number {
  const content = readFileSync(path)
  const pageBytes = content.readUInt16BE(16)
  const file = openSync(path, 'r+')
  let damaged = 0
  for (let at = pageBytes, index = 1; at < content.length; at += pageBytes, index++) {
    if (!chosen(content.subarray(at, at + pageBytes), index)) continue
    writeSync(file, Buffer.alloc(pageBytes, 0x5a), 0, pageBytes, at)
    damaged++
  }
  closeSync(file)
  return damaged
}

test('a store whose content is damaged keeps grants, UIDs and all messages, and reads the lost content anew', async (t) => {
  const path = await filledFile(t)
  // Overflow and leaf pages that hold nothing but sealed content are the many: some in the middle of the file.
  const pages = Math.floor(statSync(path).size / 4096)
  damagePages(path, (page, index) => index > pages * 0.5 && index < pages * 0.52 && page[0] === 0x0d)
  await assert.rejects(open(path), { kind: 'damaged', message: /postern store repair/ })
  const before = readFileSync(path)

  const repair = repairSqliteFile(path, Date.UTC(2026, 10, 25))
  assert.ok(before.equals(readFileSync(repair.kept)), 'the damaged file is kept')
  const store = await open(path)
  const [row] = await store.accounts()
  assert.ok(row)
  assert.equal((await store.secret(row.id, 'grant'))?.toString(), 'refresh-token')
  const account = store.account(row.id)
  assert.equal((await account.sync()).phase, 'expired')
  assert.equal((await account.sync()).historyId, undefined)
  const [mailbox] = await account.mailboxes()
  assert.equal(mailbox?.uidNext, messages + 1)
  const { uids } = await account.snapshot(inbox.id, 1, 10_000)
  if (repair.uidsKept) {
    assert.equal(mailbox?.uidValidity, 1000)
    assert.equal(uids.length, messages)
  } else assert.ok((mailbox?.uidValidity ?? 0) > 1000)
  const { hydrated } = await account.hydration()
  assert.ok(hydrated > 0 && hydrated < messages, `${hydrated} of ${messages} contents were saved`)
  assert.deepEqual(await store.check(), [])
  await store.close()
})

test('a sound store is the same after a repair', async (t) => {
  const path = await filledFile(t)
  const repair = repairSqliteFile(path, Date.now())
  assert.ok(repair.uidsKept)
  assert.ok(repair.tables.every(({ whole }) => whole))
  const store = await open(path)
  const [row] = await store.accounts()
  assert.ok(row)
  const account = store.account(row.id)
  const [mailbox] = await account.mailboxes()
  assert.deepEqual(
    { ...mailbox, highestModSeq: 0 },
    { ...mailboxRow({ uidNext: uid(messages + 1) }), highestModSeq: 0 },
  )
  assert.equal((await account.snapshot(mailboxId(1), 1, 10_000)).uids.length, messages)
  assert.equal((await account.hydration()).hydrated, messages)
  await store.close()
})

test('where it is not certain which UID is which message, every mailbox gets a new UIDVALIDITY', async (t) => {
  const path = await filledFile(t)
  // Leaves of tables without rowid: membership among them.
  let seen = 0
  const damaged = damagePages(path, (page) => page[0] === 0x0a && ++seen > 3)
  assert.ok(damaged > 0)
  const repair = repairSqliteFile(path, Date.now())
  assert.equal(repair.uidsKept, false)
  const store = await open(path)
  const [row] = await store.accounts()
  assert.ok(row)
  const [mailbox] = await store.account(row.id).mailboxes()
  assert.ok(mailbox === undefined || mailbox.uidValidity > 1000)
  await store.close()
})

test('a store that is in use is not repaired', async (t) => {
  const path = await filledFile(t)
  const store = await open(path)
  assert.throws(() => repairSqliteFile(path, Date.now()), { kind: 'locked' })
  await store.close()
})

test('of a file that is no database nothing is changed', async (t) => {
  const path = await filledFile(t)
  truncateSync(path, 100)
  writeFileSync(path, 'not a database at all'.repeat(500))
  const before = readFileSync(path)
  assert.throws(() => repairSqliteFile(path, Date.now()), { kind: 'damaged' })
  assert.ok(before.equals(readFileSync(path)))
  assert.ok(existsSync(path))
})
