import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import { createSeal } from '#auth/seal.ts'
import { accountId, messageKey, modSeq, threadId, uid } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { encodeContent } from '../content-codec.ts'
import type { AccountStore, MessageContent, StoredContent } from '../store.ts'
import { asBeforeFlags } from '../testing/before-flags.ts'
import { newQuietLog } from '../testing/quiet-log.ts'
import { contentOf, filled, gmailId, inbox, mailboxRow } from '../testing/rows.ts'
import { openSqliteStore } from './sqlite-store.ts'

const seal = createSeal(Buffer.alloc(32, 1))
const sieveOf = (key: number) => Buffer.from(`sieve ${key}`)
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

function newFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-sheaves-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'postern.db')
}

function open(path: string) {
  return openSqliteStore({ path, seal, clock: systemClock, log: newQuietLog() })
}

/** A closed store with messages of these keys, none of which was read. */
async function withMessages(path: string, last: number): Promise<void> {
  const store = await open(path)
  const { id } = await store.addAccount('ada@example.org')
  await store.account(id).commit({ mailboxes: [mailboxRow({ uidNext: uid(last + 1) })], ...filled(1, last) })
  await store.close()
}

function storedOf(row: MessageContent): StoredContent {
  const { sieve, ...stored } = { ...row, messageId: gmailId(row.key), threadId: threadId('18c0') }
  assert.ok(sieve === undefined || sieve.length > 0)
  return stored
}

async function assertHas(account: AccountStore, expected: readonly MessageContent[], last: number) {
  const keys = range(1, last).map((key) => messageKey(key))
  const read = await account.content(keys, { header: true })
  assert.deepEqual(
    read,
    expected.map((row) => storedOf(row)),
  )
  const sieves = await account.sieves(keys)
  assert.deepEqual(
    [...sieves].toSorted(([a], [b]) => a - b),
    expected.flatMap(({ key, sieve }) => (sieve === undefined ? [] : [[key, sieve]])),
  )
}

/** Rows by table. */
function counts(path: string): Record<string, number> {
  const db = new DatabaseSync(path, { readOnly: true, returnArrays: true })
  const names = ['content', 'header', 'sieve', 'sheaf', 'sheaf_content', 'sheaf_header', 'sheaf_sieve']
  const found = names.map((name) => {
    const [rows] = db.prepare(`select count(*) from ${name}`).get() as unknown as [number]
    return [name, rows] as const
  })
  db.close()
  return Object.fromEntries(found)
}

test('a store of the schema before is bound at its opening, and nothing is lost', async (t) => {
  const path = newFile(t)
  await withMessages(path, 100)
  // As version 6 left it: single rows only, the tables of version 7 not there.
  const read = range(1, 100).filter((key) => key % 3 !== 0 || key > 64)
  asBeforeFlags(path)
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  db.exec(`drop table sheaf_content; drop table sheaf_header; drop table sheaf_sieve; drop table sheaf;
    drop table save_date;
    delete from migration where version >= 7`)
  const expected: MessageContent[] = []
  for (const key of read) {
    const row = contentOf(key, { sieve: key % 5 === 0 ? undefined : sieveOf(key) })
    expected.push(row)
    const m = 2 ** 32 + key
    db.prepare('update message set hydrated = 1, internal_date = ?, size_bytes = ? where m = ?').run(
      row.internalDate,
      row.sizeBytes,
      m,
    )
    const put = (kind: string, plain: Buffer, purpose: string) =>
      db.prepare(`insert into ${kind} values (?, ?)`).run(m, seal.seal(plain, purpose))
    put('content', encodeContent(row.snippet, row.summary), `store content 1 1 ${key}`)
    put('header', row.header, `store header 1 ${key}`)
    if (row.sieve !== undefined) put('sieve', row.sieve, `store sieve 1 ${key}`)
  }
  db.close()

  for (let opening = 0; opening < 3; opening++) {
    const store = await open(path)
    await assertHas(store.account(accountId(1)), expected, 100)
    assert.deepEqual(await store.check(), [])
    // The binding goes on while this reads, and its every step leaves the same to be read.
    for (let step = 0; step < 20; step++) await assertHas(store.account(accountId(1)), expected, 100)
    await store.close()
  }
  const { content, header, sieve, ...bound } = counts(path)
  // 96 to 100 are too few to be worth it.
  assert.deepEqual([content, header, sieve], [5, 5, 4])
  assert.deepEqual(bound, { sheaf: 6, sheaf_content: 6, sheaf_header: 6, sheaf_sieve: 6 })
})

test('whatever order messages are read, read again and forgotten in, the last word of each is there', async (t) => {
  const last = 40
  const path = newFile(t)
  await withMessages(path, last)
  const key = fc.integer({ min: 1, max: last })
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ put: fc.uniqueArray(key, { minLength: 1, maxLength: 20 }) }) },
    { weight: 1, arbitrary: fc.record({ forget: key }) },
    { weight: 1, arbitrary: fc.constant({ reopen: true }) },
  )
  let round = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      round++
      let store = await open(path)
      const { id } = await store.addAccount(`round${round}@example.org`)
      await store
        .account(id)
        .commit({ mailboxes: [mailboxRow({ uidNext: uid(last + 1) })], ...filled(1, last) })
      const model = new Map<number, MessageContent>()
      const gone = new Set<number>()
      for (const [index, one] of steps.entries()) {
        if ('put' in one) {
          const content = one.put.map((number) =>
            contentOf(number, {
              snippet: `${round}.${index}`,
              sieve: number % 7 === 0 ? undefined : sieveOf(number * 100 + index),
              ...(number === 5 ? { header: Buffer.alloc(70_000, index) } : {}),
            }),
          )
          await store.account(id).commit({ content })
          for (const row of content) if (!gone.has(row.key)) model.set(row.key, row)
        } else if ('forget' in one) {
          const forget = messageKey(one.forget)
          await store.account(id).commit({
            leave: [{ mailbox: inbox.id, uid: uid(one.forget), modSeq: modSeq(2) }],
            forget: [forget],
          })
          model.delete(forget)
          gone.add(forget)
        } else {
          await store.close()
          store = await open(path)
        }
      }
      const expected = [...model.values()].toSorted((a, b) => a.key - b.key)
      await assertHas(store.account(id), expected, last)
      await store.removeAccount(id)
      await store.close()
    }),
    { numRuns: 25 },
  )
  assert.deepEqual(Object.values(counts(path)), [0, 0, 0, 0, 0, 0, 0], 'nothing stays of removed accounts')
})

test('a header that is very long stays a row of its own', async (t) => {
  const path = newFile(t)
  await withMessages(path, 16)
  const store = await open(path)
  const content = range(1, 16).map((key) =>
    contentOf(key, key === 3 ? { header: Buffer.alloc(65 * 1024, 'x') } : {}),
  )
  await store.account(accountId(1)).commit({ content })
  await assertHas(store.account(accountId(1)), content, 16)
  await store.close()
  // The other one is 16, alone in its sheaf.
  const { content: singles, sheaf } = counts(path)
  assert.deepEqual({ singles, sheaf }, { singles: 2, sheaf: 1 })
})
