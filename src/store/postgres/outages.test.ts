import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test, type TestContext } from 'node:test'
import { accountId } from '#mail/ids.ts'
import { StoreError, type AccountStore, type Store } from '../store.ts'
import { CuttingProxy } from '../testing/cutting-proxy.ts'
import { PostgresGround } from '../testing/postgres-ground.ts'
import { noPostgres } from '../testing/postgres-server.ts'
import { newQuietLog } from '../testing/quiet-log.ts'
import { inbox, tenMessages } from '../testing/rows.ts'

describe('PostgreSQL that fails', { skip: noPostgres, timeout: 240_000 }, () => {
  let ground: PostgresGround
  before(async () => {
    ground = await PostgresGround.make()
  })
  after(() => ground.end())

  /** A store behind a proxy, with one account and the first commit. */
  async function cuttable(t: TestContext, settleMs?: number) {
    const url = await ground.server.newDatabase()
    const proxy = await CuttingProxy.to(ground.server.port)
    t.after(() => proxy.close())
    const markPath = ground.newMarkPath()
    const through = url.replace(`:${ground.server.port}/`, `:${proxy.port}/`)
    const unusable: StoreError[] = []
    const log = newQuietLog()
    const onUnusable = (error: StoreError) => void unusable.push(error)
    const store = await ground.open(t, through, { markPath, log, onUnusable, settleMs })
    const account = store.account((await store.addAccount('ada@example.org')).id)
    await account.commit(tenMessages(1))
    return { url, proxy, markPath, store, account, unusable, log }
  }

  test('a commit whose answer was lost is acknowledged once the server says that it is there', async (t) => {
    const { proxy, account, unusable } = await cuttable(t)
    proxy.cutAt('commit\0', 'answer')
    await account.commit(tenMessages(2))
    await account.commit(tenMessages(3))
    await requireTens(account, 3)
    assert.deepEqual(unusable, [])
  })

  test('a commit that never arrived fails, is not there, and can be made again', async (t) => {
    const { proxy, account, unusable } = await cuttable(t)
    for (const words of ['commit\0', 'begin;']) {
      proxy.cutAt(words, 'question')
      await assert.rejects(account.commit(tenMessages(2)), { name: 'StoreError', kind: 'unreachable' })
      await requireTens(account, 1)
    }
    proxy.cutAt('insert into membership', 'answer')
    await assert.rejects(account.commit(tenMessages(2)), { kind: 'unreachable' })
    await requireTens(account, 1)
    await account.commit(tenMessages(2))
    await requireTens(account, 2)
    assert.deepEqual(unusable, [])
  })

  test('a commit whose answer does not come in time is in doubt, and said again changes nothing more', async (t) => {
    const { proxy, account, unusable } = await cuttable(t, 500)
    for (const [n, when] of [
      [2, 'answer'],
      [3, 'question'],
    ] as const) {
      proxy.cutAt('commit\0', when)
      const answer = account.commit(tenMessages(n))
      proxy.closeAtCut()
      await assert.rejects(answer, { name: 'StoreError', kind: 'unreachable', inDoubt: true })
      proxy.open(true)
      await until(() => account.commit(tenMessages(n)))
      await requireTens(account, n)
    }
    assert.deepEqual(unusable, [])
  })

  test('while the server is away all is refused as unreachable, and then goes on by itself', async (t) => {
    const { proxy, store, account, log } = await cuttable(t)
    proxy.open(false)
    await assert.rejects(account.commit(tenMessages(2)), { kind: 'unreachable' })
    await assert.rejects(account.sync(), { kind: 'unreachable' })
    assert.match((await store.writeFault()) ?? '', /cannot be reached/)
    proxy.open(true)
    await until(async () => {
      await account.commit(tenMessages(2))
    })
    await requireTens(account, 2)
    assert.ok(log.warnings.includes('The connection to the database was lost'))
  })

  test('who loses the connection and finds that another Postern was there gives up', async (t) => {
    const { url, proxy, account, unusable } = await cuttable(t)
    proxy.open(false)
    const other = await ground.open(undefined, url, { markPath: ground.newMarkPath() })
    await other.account(accountId(1)).commit(tenMessages(2))
    await other.close()
    proxy.open(true)
    await until(() => assert.rejects(account.sync(), /cannot be used any more/))
    await assert.rejects(account.commit(tenMessages(2)), { kind: 'unreachable', message: /started anew/ })
    assert.equal(unusable.length, 1)
  })

  test('a server that lost what it had acknowledged is noticed, and the next start gives new UIDVALIDITYs', async (t) => {
    const { url, proxy, markPath, store, account, unusable } = await cuttable(t)
    const database = new URL(url).pathname.slice(1)
    const counts = await ground.server.psql(database, 'select writes, commits from postern.state')
    const [writes, commits] = counts.split('|')
    await account.commit(tenMessages(2))
    proxy.open(false)
    // As a replica that lagged behind and took over.
    await ground.server.psql(database, `update postern.state set writes = ${writes}, commits = ${commits}`)
    proxy.open(true)
    await until(() => assert.rejects(account.sync(), /lost what it had acknowledged/))
    assert.equal(unusable.length, 1)
    await store.close()
    const again = await ground.open(t, url, { markPath })
    assert.ok(((await again.account(accountId(1)).mailboxes())[0]?.uidValidity ?? 0) > 1000)
  })

  test('a server that is restarted amid commits, in good order or not, loses none and doubles none', async (t) => {
    const url = await ground.server.newDatabase()
    const store = await ground.open(t, url, { markPath: ground.newMarkPath() })
    const account = store.account((await store.addAccount('ada@example.org')).id)
    let done = 0
    let failed = 0
    const over = new AbortController()
    const committing = (async () => {
      while (!over.signal.aborted)
        try {
          await account.commit(tenMessages(done + 1))
          done += 1
        } catch (error) {
          if (!(error instanceof StoreError) || error.kind !== 'unreachable') throw error
          failed += 1
          await until(async () => assert.equal((await account.sync()).modSeq, done))
        }
    })()
    for (const how of ['kill', 'fast', 'kill', 'kill', 'fast'] as const) {
      const enough = done + 3
      await until(async () => assert.ok(done > enough), committing)
      await ground.server.halt(how)
      await ground.server.resume()
    }
    over.abort()
    await committing
    assert.ok(failed > 0, 'the restarts were felt')
    await requireTens(account, done)
    assert.deepEqual(await store.check(), [])
    assert.equal((await account.mailboxes())[0]?.uidValidity, 1000)
  })

  test('after kill -9 in the middle of commits each is there whole or not at all', async (t) => {
    const url = await ground.server.newDatabase()
    const markPath = ground.newMarkPath()
    const first = await ground.open(undefined, url, { markPath })
    await first.addAccount('ada@example.org')
    await first.close()
    const program = join(import.meta.dirname, '..', 'testing', 'commit-forever.ts')
    for (const killAfter of [1, 2, 30]) {
      const child = spawn(process.execPath, [program, url, markPath], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      t.after(() => child.kill('SIGKILL'))
      const ended = once(child, 'exit')
      let acknowledged = 0
      let lines = 0
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line)
        if (++lines === killAfter) child.kill('SIGKILL')
      }
      await ended
      const log = newQuietLog()
      const store: Store = await ground.open(undefined, url, { markPath, log })
      const account = store.account(accountId(1))
      const { modSeq: last } = await account.sync()
      assert.ok(last >= acknowledged, `commit ${acknowledged} was acknowledged, the store is at ${last}`)
      await requireTens(account, last)
      assert.equal((await account.mailboxes())[0]?.uidValidity, 1000, 'no kill changes UIDVALIDITY')
      assert.deepEqual(await store.check(), [])
      assert.deepEqual(log.warnings, [])
      await store.close()
    }
  })
})

/** The store holds exactly what `tenMessages` of 1 to n made. */
async function requireTens(account: AccountStore, n: number): Promise<void> {
  const { modSeq, nextKey, historyId } = await account.sync()
  assert.deepEqual([modSeq, nextKey, historyId], [n, n * 10 + 1, BigInt(n)])
  const { uids, bits, keywords } = await account.snapshot(inbox.id, 1, 1_000_000)
  assert.deepEqual(
    [...uids],
    Array.from({ length: n * 10 }, (_, index) => index + 1),
  )
  assert.ok(bits.every((value) => value === 1))
  assert.deepEqual(keywords.get(n * 10 - 1), [`k${n}`])
  assert.deepEqual(await account.hydration(), { messages: n * 10, hydrated: n * 10 })
}

/** Tries until it does not throw, or `unless` does; the test's own timeout ends it. */
async function until(
  work: () => Promise<unknown>,
  unless: Promise<unknown> = new Promise(() => {}),
): Promise<void> {
  for (;;) {
    const failure = await work().then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    if (failure === undefined) return
    const paused = new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
    await Promise.race([unless.then(() => paused), paused])
  }
}
