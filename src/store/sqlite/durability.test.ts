import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { fdatasync, mkdtempSync, openSync, closeSync, readSync, writeSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createSeal } from '#auth/seal.ts'
import { accountId, modSeq, uid } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import type { AccountStore, Store } from '../store.ts'
import { newQuietLog } from '../testing/quiet-log.ts'
import { filled, inbox, mailboxRow } from '../testing/rows.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { wholeFrames } from './wal-frames.ts'

const sync = promisify(fdatasync)
const diskError = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })

/** A disk that a test holds up, or breaks. */
class HeldDisk extends EventEmitter<{ asked: [] }> {
  syncs = 0
  broken = false
  #gate: PromiseWithResolvers<void> | undefined

  hold(): void {
    this.#gate = Promise.withResolvers()
  }

  release(): void {
    this.#gate?.resolve()
    this.#gate = undefined
  }

  readonly syncData = async (file: number): Promise<void> => {
    this.syncs += 1
    this.emit('asked')
    await this.#gate?.promise
    if (this.broken) throw diskError
    await sync(file)
  }
}

interface Opened {
  readonly path: string
  readonly disk: HeldDisk
  readonly store: Store
  readonly account: AccountStore
  readonly log: ReturnType<typeof newQuietLog>
}

async function newStore(t: TestContext, retryMs = 1): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-durable-'))
  const path = join(folder, 'postern.db')
  const disk = new HeldDisk()
  const log = newQuietLog()
  const seal = createSeal(Buffer.alloc(32, 1))
  const store = await openSqliteStore({
    path,
    seal,
    clock: systemClock,
    log,
    disk: { syncData: disk.syncData, retryMs },
  })
  t.after(async () => {
    disk.release()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await store.addAccount('ada@example.org')
  await store.addAccount('bob@example.org')
  const account = store.account(accountId(1))
  for (const id of [1, 2]) await store.account(accountId(id)).commit({ mailboxes: [mailboxRow()] })
  disk.syncs = 0
  return { path, disk, store, account, log }
}

/** The order in which these end. */
function order(events: Record<string, Promise<unknown>>): { done: string[]; all: Promise<unknown> } {
  const done: string[] = []
  const all = Promise.all(
    Object.entries(events).map(async ([name, event]) => {
      await event
      done.push(name)
    }),
  )
  return { done, all }
}

test('a commit resolves when the disk has it, and nobody reads it before; the event loop is free', async (t) => {
  const { disk, account, store } = await newStore(t)
  disk.hold()
  const { done, all } = order({
    commit: account.commit(filled(1, 3)),
    snapshot: account.snapshot(inbox.id, 1, 10),
    count: account.count(inbox.id),
    sync: account.sync(),
  })
  await store.account(accountId(2)).snapshot(inbox.id, 1, 10)
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  assert.deepEqual(done, [], 'held by the disk, while another account is served')
  disk.release()
  await all
  assert.equal(done[0], 'commit')
  assert.equal(disk.syncs, 1)
})

test('who commits while the disk is busy shares the next sync', async (t) => {
  const { disk, account, store } = await newStore(t)
  disk.hold()
  const first = account.commit({ sync: { modSeq: modSeq(1) } })
  const others = [2, 3, 4, 5].map((number) =>
    store.account(accountId(1 + (number % 2))).commit({ sync: { modSeq: modSeq(number) } }),
  )
  const { done, all } = order({
    first,
    ...Object.fromEntries(others.map((other, at) => [`other ${at}`, other])),
  })
  disk.release()
  await all
  assert.equal(disk.syncs, 2)
  assert.deepEqual(done, ['first', 'other 0', 'other 1', 'other 2', 'other 3'])
})

test('what may be lost waits for no disk', async (t) => {
  const { disk, account } = await newStore(t)
  disk.hold()
  await account.commit({ content: [] })
  assert.equal(disk.syncs, 0)
})

test('a sync that fails refuses all who waited and all who come, until what was written is written anew', async (t) => {
  const { disk, account, store, log } = await newStore(t, 1)
  const refused = { name: 'StoreError', kind: 'disk', message: /did not confirm/ }
  disk.broken = true
  disk.hold()
  const waiting = [
    account.commit({
      mailboxes: [mailboxRow({ uidNext: uid(4) })],
      ...filled(1, 3),
      sync: { modSeq: modSeq(7) },
    }),
    store.account(accountId(2)).commit({ sync: { modSeq: modSeq(3) } }),
  ]
  const reading = account.sync()
  disk.release()
  for (const one of waiting) await assert.rejects(one, { ...refused, inDoubt: true })
  await assert.rejects(reading, refused)
  assert.match((await store.writeFault()) ?? '', /did not confirm/)
  await assert.rejects(account.commit({ sync: { modSeq: modSeq(8) } }), { ...refused, inDoubt: false })
  await assert.rejects(store.setSecret(accountId(1), 'grant', Buffer.from('x')), refused)
  await assert.rejects(account.snapshot(inbox.id, 1, 10), refused)
  await once(disk, 'asked')
  assert.match((await store.writeFault()) ?? '', /did not confirm/, 'the disk is still at fault')
  disk.broken = false
  while ((await store.writeFault()) !== undefined) await setImmediate()
  assert.equal((await account.sync()).modSeq, 7)
  await account.commit({ sync: { modSeq: modSeq(8) } })
  assert.deepEqual(await store.check(), [])
  assert.deepEqual(log.warnings, [
    'The store cannot be written: what is there is still served, changes are refused',
  ])
})

test('where the system gives back what was there before, nothing is copied and a start is asked for', async (t) => {
  const { path, disk, account, store } = await newStore(t, 1)
  disk.broken = true
  await assert.rejects(account.commit(filled(1, 3)), { inDoubt: true })
  const wal = openSync(`${path}-wal`, 'r+')
  t.after(() => closeSync(wal))
  const whole = await wholeFrames(wal)
  assert.ok(whole > 3)
  const page = Buffer.alloc(1)
  const at = 32 + (whole - 1) * (24 + 4096) + 100
  readSync(wal, page, 0, 1, at)
  writeSync(wal, Buffer.from([(page[0] ?? 0) ^ 1]), 0, 1, at)
  assert.equal(await wholeFrames(wal), whole - 1)
  disk.broken = false
  while (!/start Postern anew/.test((await store.writeFault()) ?? '')) await setImmediate()
  await assert.rejects(account.commit({ sync: { modSeq: modSeq(8) } }), { kind: 'disk', message: /anew/ })
})

test('a store that is closed in doubt is no restored copy at the next start', async (t) => {
  const { path, disk, account, store } = await newStore(t, 1_000_000)
  for (let number = 1; number < 100; number++)
    await account.commit({ mailboxes: [mailboxRow({ highestModSeq: modSeq(number) })] })
  disk.broken = true
  await assert.rejects(account.commit({ mailboxes: [mailboxRow()] }), { inDoubt: true })
  await store.close()
  const log = newQuietLog()
  const again = await openSqliteStore({
    path,
    seal: createSeal(Buffer.alloc(32, 1)),
    clock: systemClock,
    log,
  })
  assert.equal((await again.account(accountId(1)).mailboxes())[0]?.uidValidity, 1000)
  assert.deepEqual(log.warnings, [])
  await again.close()
})
