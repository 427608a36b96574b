import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { noPostgres, PostgresServer } from '#store/testing/postgres-server.ts'
import { imapflow, oneAccount, quick, settled } from './faults/bridge.ts'
import { figures, total } from './operations/figures.ts'
import { startPostern } from './postern.ts'
import type { Ready } from './postern.ts'
import { withServe } from './serve.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, '../src/main.ts')

/** INBOX as a mail client sees it. */
async function inboxOf(ready: Ready) {
  const client = await imapflow(ready)
  const { uidValidity, uidNext } = await client.mailboxOpen('INBOX')
  const messages: (readonly [uid: number, subject: string | undefined, flags: string[]])[] = []
  for await (const { uid, envelope, flags } of client.fetch('1:*', {
    uid: true,
    flags: true,
    envelope: true,
  }))
    messages.push([uid, envelope?.subject, [...(flags ?? [])].toSorted()])
  await client.logout()
  return { uidValidity, uidNext, messages }
}

test(
  'with PostgreSQL mail has the same UIDs after kill -9 and a restart of the database, and the data folder holds no index',
  { skip: noPostgres, timeout: 240_000 },
  async () => {
    const database = await PostgresServer.start()
    try {
      const settings = { ...quick, POSTERN_DATABASE_URL: await database.newDatabase() }
      await withServe(oneAccount, (served) => through(database, served), { settings })
    } finally {
      await database.stop()
    }
  },
)

async function through(
  database: PostgresServer,
  { bridge, ready, dir, environment }: Parameters<Parameters<typeof withServe>[1]>[0],
): Promise<void> {
  const postern = (...args: string[]) =>
    run(process.execPath, [main, ...args], { env: { ...process.env, NODE_OPTIONS: '', ...environment } })
  await settled(ready)
  const before = await inboxOf(ready)
  assert.ok(before.messages.length > 10)
  assert.equal(existsSync(join(dir, 'data/postern.db')), false)
  assert.ok(total(await figures(ready), 'postern_store_bytes') > 100_000)

  await assert.rejects(
    postern('store', 'check').then(() => assert.fail('a second Postern was let in')),
    (error: { stderr: string }) => /in use by another Postern \(pid \d+/.test(error.stderr),
  )
  await bridge.kill()
  const again = await startPostern(['serve'], environment)
  try {
    await settled(again.ready)
    assert.deepEqual(await inboxOf(again.ready), before)
    await database.halt('kill')
    await database.resume()
    await flagFirst(again.ready)
    const flagged = await inboxOf(again.ready)
    assert.deepEqual(
      flagged.messages.map(([uid]) => uid),
      before.messages.map(([uid]) => uid),
    )
    assert.ok(flagged.messages[0]?.[2].includes('\\Flagged'))
    assert.doesNotMatch(again.log(), /not-asked-for/)
    const ended = once(again.process, 'exit')
    await database.psql('test_1', 'update postern.state set writes = writes + 1')
    // Whoever asks whether the store can be written has it tried, every two seconds.
    while (again.process.exitCode === null)
      await fetch(new URL('/readyz', again.ready.web.url)).catch(() => undefined)
    assert.deepEqual(
      await ended,
      [70, null],
      'what it has in memory is true no more: a supervisor starts it anew',
    )
  } finally {
    await again.kill()
  }
  const anew = await startPostern(['serve'], environment)
  try {
    await settled(anew.ready)
    assert.equal((await inboxOf(anew.ready)).uidValidity, before.uidValidity)
    assert.equal(await anew.stop(), 0)
  } finally {
    await anew.kill()
  }

  assert.match((await postern('store', 'check')).stdout, /sound/)
  await assert.rejects(postern('store', 'repair'), (error: { stderr: string }) =>
    /The store is in PostgreSQL: restore a backup/.test(error.stderr),
  )
  const { stdout } = await postern('store', 'export')
  const memberships = stdout.split('\n').filter((line) => line.startsWith('['))
  assert.ok(memberships.length >= before.messages.length)
}

/** As a client does that is told to come back: what was refused while the database was away is asked again. */
async function flagFirst(ready: Ready): Promise<void> {
  const client = await imapflow(ready)
  await client.mailboxOpen('INBOX')
  while (!(await client.messageFlagsAdd('1', ['\\Flagged']).catch(() => false)));
  await client.logout()
}
