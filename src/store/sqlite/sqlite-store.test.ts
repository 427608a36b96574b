import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { createSeal } from '#auth/seal.ts'
import { accountId, labelId, messageKey, modSeq, uid } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { newQuietLog } from '../testing/quiet-log.ts'
import { contentOf, filled, inbox, mailboxRow } from '../testing/rows.ts'
import { storeContract } from '../testing/store-contract.ts'
import { openSqliteStore } from './sqlite-store.ts'

const rightKey = createSeal(Buffer.alloc(32, 1))

function newFolder(t?: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-store-'))
  t?.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function open(path: string, { seal = rightKey, log = newQuietLog() } = {}) {
  return openSqliteStore({ path, seal, clock: systemClock, log })
}

/** A store with one account, one mailbox and some mail, closed again. */
async function filledFile(folder: string): Promise<string> {
  const path = join(folder, 'data', 'postern.db')
  const store = await open(path)
  const { id } = await store.addAccount('ada.secret@example.org')
  await store.setSecret(id, 'grant', Buffer.from('refresh-token'))
  await store.account(id).commit({ mailboxes: [mailboxRow({ uidNext: uid(301) })], ...filled(1, 300) })
  await store.account(id).commit({ content: Array.from({ length: 300 }, (_, index) => contentOf(index + 1)) })
  await store.close()
  return path
}

storeContract('SQLite', async () => {
  const folder = newFolder()
  let store = await open(join(folder, 'postern.db'))
  return {
    store,
    async reopen() {
      await store.close()
      store = await open(join(folder, 'postern.db'))
      return store
    },
    async close() {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})

test(
  'after kill -9 in the middle of commits each is there whole or not at all',
  { timeout: 180_000 },
  async (t) => {
    const path = join(newFolder(t), 'postern.db')
    const first = await open(path)
    await first.addAccount('ada@example.org')
    await first.close()
    const program = join(import.meta.dirname, '..', 'testing', 'commit-forever.ts')
    for (const killAfter of [1, 2, 7, 30, 90]) {
      const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
      const ended = once(child, 'exit')
      let acknowledged = 0
      let lines = 0
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line)
        if (++lines === killAfter) child.kill('SIGKILL')
      }
      await ended
      assert.ok(lines >= killAfter, 'the child was killed by us')
      assert.ok(existsSync(`${path}.lock`), 'a killed process leaves its lock file behind')

      const log = newQuietLog()
      const store = await open(path, { log })
      const account = store.account(accountId(1))
      const { modSeq: last, nextKey, historyId } = await account.sync()
      assert.ok(last >= acknowledged, `commit ${acknowledged} was acknowledged, the store is at ${last}`)
      assert.equal(nextKey, last * 10 + 1)
      assert.equal(historyId, BigInt(last))
      const { uids, bits, keywords } = await account.snapshot(inbox.id, 1, 1_000_000)
      assert.deepEqual(
        [...uids],
        Array.from({ length: last * 10 }, (_, index) => index + 1),
      )
      assert.ok(bits.every((value) => value === 1))
      assert.deepEqual(keywords.get(last * 10 - 1), [`k${last}`])
      assert.deepEqual(await account.hydration(), { messages: last * 10, hydrated: last * 10 })
      assert.equal((await account.mailboxes())[0]?.uidValidity, 1000, 'no kill changes UIDVALIDITY')
      assert.deepEqual(await store.check(), [])
      assert.deepEqual(log.warnings, [])
      await store.close()
    }
  },
)

test('a second instance is refused, in the same process and in another', async (t) => {
  const path = await filledFile(newFolder(t))
  const store = await open(path)
  await assert.rejects(open(path), (error: Error) => {
    assert.equal((error as { kind?: string }).kind, 'locked')
    assert.match(error.message, new RegExp(`pid ${process.pid}\\b`))
    return true
  })
  const program = join(import.meta.dirname, '..', 'testing', 'commit-forever.ts')
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  await once(child, 'close')
  assert.notEqual(child.exitCode, 0)
  assert.match(said, /kind: 'locked'/)
  await store.close()
  assert.equal(existsSync(`${path}.lock`), false)
  await (await open(path)).close()
})

test('a lock file that names a living process which is not Postern locks nobody out', async (t) => {
  const path = await filledFile(newFolder(t))
  writeFileSync(`${path}.lock`, JSON.stringify({ pid: process.ppid, startedAt: '2024-01-01T00:00:00.000Z' }))
  const store = await open(path)
  assert.equal((JSON.parse(readFileSync(`${path}.lock`, 'utf8')) as { pid: number }).pid, process.pid)
  await store.close()
})

test('another key is refused and changes nothing', async (t) => {
  const path = await filledFile(newFolder(t))
  const before = readFileSync(path)
  await assert.rejects(open(path, { seal: createSeal(Buffer.alloc(32, 2)) }), { kind: 'wrong-key' })
  assert.deepEqual(readFileSync(path), before)
  const store = await open(path)
  assert.equal((await store.accounts())[0]?.address, 'ada.secret@example.org')
  await store.close()
})

test('a file of a newer Postern is refused', async (t) => {
  const path = await filledFile(newFolder(t))
  const db = new DatabaseSync(path)
  db.exec(`insert into migration values (999, 'later', 0)`)
  db.close()
  await assert.rejects(open(path), { kind: 'newer' })
})

test('a database of another program is refused and left alone', async (t) => {
  const path = join(newFolder(t), 'postern.db')
  const db = new DatabaseSync(path)
  db.exec('create table theirs (a)')
  db.close()
  await assert.rejects(open(path), { kind: 'damaged', message: /another program/ })
  const again = new DatabaseSync(path)
  assert.equal(again.prepare('select count(*) as n from sqlite_schema').get()?.['n'], 1)
  again.close()
})

for (const [title, harm] of [
  ['whose head is overwritten', (path: string) => writeFileSync(path, Buffer.alloc(65536, 'x'))],
  ['that is cut', (path: string) => truncateSync(path, 65536)],
  [
    'with a page overwritten',
    (path: string) => {
      const bytes = readFileSync(path)
      bytes.fill(0x5a, 4096 * 3, 4096 * 60)
      writeFileSync(path, bytes)
    },
  ],
] as const)
  test(`a file ${title} is reported as damaged and not replaced`, async (t) => {
    const path = await filledFile(newFolder(t))
    harm(path)
    const harmed = readFileSync(path)
    await assert.rejects(open(path), { name: 'StoreError', kind: 'damaged' })
    assert.deepEqual(readFileSync(path), harmed)
  })

test('a sealed row that was moved to another message is damage, not content', async (t) => {
  const path = await filledFile(newFolder(t))
  const db = new DatabaseSync(path)
  db.exec(`update secret set sealed = x'01'`)
  db.exec(
    'update sheaf_content set sealed = (select c.sealed from sheaf_content c where c.sheaf = sheaf_content.sheaf + 1) where sheaf % 268435456 = 0',
  )
  db.close()
  const store = await open(path)
  await assert.rejects(store.account(accountId(1)).content([messageKey(1)], { header: false }), {
    kind: 'damaged',
  })
  assert.equal((await store.account(accountId(1)).content([messageKey(16)], { header: false })).length, 1)
  await assert.rejects(store.secret(accountId(1), 'grant'), { kind: 'damaged' })
  await store.close()
})

test('a folder that cannot be made is a disk error with a sentence', async (t) => {
  const folder = newFolder(t)
  writeFileSync(join(folder, 'file'), '')
  await assert.rejects(open(join(folder, 'file', 'postern.db')), {
    kind: 'disk',
    message: /Cannot make or write/,
  })
})

const modesMeanNothing = process.platform === 'win32' || process.getuid?.() === 0
test('a file that may not be written is a disk error', { skip: modesMeanNothing }, async (t) => {
  const path = await filledFile(newFolder(t))
  chmodSync(path, 0o400)
  await assert.rejects(open(path), { kind: 'disk', message: /may write/ })
})

test('no subject, address, label, keyword, password name or secret is readable in the files', async (t) => {
  const folder = newFolder(t)
  const path = join(folder, 'postern.db')
  const store = await open(path)
  const { id } = await store.addAccount('ada.secret@example.org')
  await store.setSecret(id, 'grant', Buffer.from('refresh-token-1234'))
  await store.addClientPassword(id, {
    name: 'Adas-telephone',
    hash: 'scrypt$hash',
    doors: ['imap'],
    readOnly: false,
    mailboxes: ['Hidden-mailbox'],
    createdAt: 1,
    expiresAt: undefined,
    usedAt: undefined,
    usedFrom: undefined,
  })
  await store.touchClientPassword(id, 'Adas-telephone', 5, '192.0.2.77')
  const account = store.account(id)
  await account.commit({
    mailboxes: [mailboxRow()],
    labels: [
      { id: labelId('Label_1'), name: 'Divorce-papers', type: 'user', labelListVisibility: undefined },
    ],
    ...filled(1, 2),
    flags: [{ key: messageKey(1), bits: 0, keywords: ['Private-keyword'], modSeq: modSeq(2) }],
  })
  await account.commit({ content: [contentOf(1)] })
  const seen = [readFileSync(`${path}-wal`)]
  await store.close()
  seen.push(...readdirSync(folder).map((name) => readFileSync(join(folder, name))))
  const bytes = Buffer.concat(seen)
  assert.ok(bytes.includes('Label_1') || bytes.includes('INBOX'), 'the files were read')
  for (const word of [
    'ada.secret',
    'refresh-token',
    'Adas-telephone',
    'scrypt$hash',
    'Hidden-mailbox',
    '192.0.2.77',
    'Divorce',
    'Private-keyword',
    'Analytical',
    'Lovelace',
    'Snippet',
    'X-Bytes',
  ])
    assert.equal(bytes.includes(word), false, `${word} is readable`)
})

test('a database restored from an older copy gets a new UIDVALIDITY, once', async (t) => {
  const folder = newFolder(t)
  const path = await filledFile(folder)
  const backup = join(folder, 'backup.db')
  copyFileSync(path, backup)
  const store = await open(path)
  await store.account(accountId(1)).commit({
    mailboxes: [mailboxRow({ uidNext: uid(401) })],
    ...filled(301, 400),
  })
  await store.close()

  copyFileSync(backup, path)
  const log = newQuietLog()
  const restored = await open(path, { log })
  const [mailbox] = await restored.account(accountId(1)).mailboxes()
  const raised = mailbox?.uidValidity ?? 0
  assert.ok(raised > 1000)
  assert.ok((await restored.account(accountId(1)).sync()).uidValidityMark >= raised)
  assert.equal(log.warnings.length, 1)
  await restored.close()

  const again = await open(path, { log })
  assert.equal((await again.account(accountId(1)).mailboxes())[0]?.uidValidity, raised)
  assert.equal(log.warnings.length, 1)
  await again.close()
})

test('a database whose mark file is lost gets a new UIDVALIDITY', async (t) => {
  const path = await filledFile(newFolder(t))
  rmSync(`${path}.mark`)
  const store = await open(path)
  assert.ok(((await store.account(accountId(1)).mailboxes())[0]?.uidValidity ?? 0) > 1000)
  await store.close()
})

test('a lost database leaves its UIDVALIDITY mark behind', async (t) => {
  const path = await filledFile(newFolder(t))
  for (const end of ['', '-wal']) rmSync(`${path}${end}`, { force: true })
  const store = await open(path)
  const { id } = await store.addAccount('ada@example.org')
  assert.equal((await store.account(id).sync()).uidValidityMark, 1000)
  await store.close()
})
