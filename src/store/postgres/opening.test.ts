import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { inspect } from 'node:util'
import { createSeal } from '#auth/seal.ts'
import { accountId, labelId, messageKey, modSeq, uid } from '#mail/ids.ts'
import { PostgresGround } from '../testing/postgres-ground.ts'
import { noPostgres } from '../testing/postgres-server.ts'
import { newQuietLog } from '../testing/quiet-log.ts'
import { contentOf, filled, mailboxRow } from '../testing/rows.ts'

describe('opening PostgreSQL', { skip: noPostgres, timeout: 240_000 }, () => {
  let ground: PostgresGround
  before(async () => {
    ground = await PostgresGround.make()
  })
  after(() => ground.end())

  const uidValidityOf = async (url: string, markPath: string, log = newQuietLog()) => {
    const store = await ground.open(undefined, url, { markPath, log })
    const [mailbox] = await store.account(accountId(1)).mailboxes()
    await store.close()
    return mailbox?.uidValidity ?? 0
  }

  /** A database with one account, one mailbox and some mail, closed again. */
  async function filledDatabase() {
    const url = await ground.server.newDatabase()
    const markPath = ground.newMarkPath()
    const store = await ground.open(undefined, url, { markPath })
    const { id } = await store.addAccount('ada.secret@example.org')
    await store.setSecret(id, 'grant', Buffer.from('refresh-token'))
    const account = store.account(id)
    await account.commit({ mailboxes: [mailboxRow({ uidNext: uid(301) })], ...filled(1, 300) })
    await account.commit({ content: [1, 2, 3].map((key) => contentOf(key)) })
    await store.close()
    return { url, markPath }
  }

  test('a second instance is refused, in the same process and in another, and told who is there', async () => {
    const { url, markPath } = await filledDatabase()
    const store = await ground.open(undefined, url, { markPath })
    const program = join(import.meta.dirname, '..', 'testing', 'commit-forever.ts')
    const child = spawn(process.execPath, [program, url, ground.newMarkPath()], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (chunk) => (said += String(chunk)))
    const closed = once(child, 'close')
    await assert.rejects(ground.open(undefined, url, { markPath }), (error: Error) => {
      assert.equal((error as { kind?: string }).kind, 'locked')
      assert.match(error.message, new RegExp(`pid ${process.pid} on `))
      return true
    })
    await closed
    assert.notEqual(child.exitCode, 0)
    assert.match(said, /kind: 'locked'/)
    assert.doesNotMatch(said, /not-asked-for/)
    await store.account(accountId(1)).commit({ sync: { phase: 'live' } })
    await store.close()
    await (await ground.open(undefined, url, { markPath })).close()
  })

  test('another key is refused and changes nothing', async () => {
    const { url, markPath } = await filledDatabase()
    const was = await ground.server.psql(nameOf(url), 'select * from postern.state')
    const seal = createSeal(Buffer.alloc(32, 2))
    await assert.rejects(ground.open(undefined, url, { markPath, seal }), { kind: 'wrong-key' })
    assert.equal(await ground.server.psql(nameOf(url), 'select * from postern.state'), was)
    assert.equal(await uidValidityOf(url, markPath), 1000)
  })

  test('a database of a newer Postern is refused, and a schema of another program is left alone', async () => {
    const { url, markPath } = await filledDatabase()
    await ground.server.psql(nameOf(url), `insert into postern.migration values (999, 'later', 0)`)
    await assert.rejects(ground.open(undefined, url, { markPath }), { kind: 'newer' })
    const other = await ground.server.newDatabase()
    await ground.server.psql(nameOf(other), 'create schema postern create table theirs (a int)')
    await assert.rejects(ground.open(undefined, other, { markPath: ground.newMarkPath() }), {
      kind: 'damaged',
      message: /another program/,
    })
    assert.equal(
      await ground.server.psql(nameOf(other), `select count(*) from pg_tables where schemaname = 'postern'`),
      '1',
    )
  })

  test('a role that may use no more than its own schema suffices, and other schemas stay as they are', async () => {
    const url = await ground.server.newDatabase()
    const name = nameOf(url)
    await ground.server.psql(
      name,
      `create role clerk login; revoke all on database ${name} from public; grant connect on database ${name} to clerk;
       create schema postern authorization clerk; create table public.state (a int)`,
    )
    const theirs = url.replace('postern:', 'clerk:')
    const store = await ground.open(undefined, theirs, { markPath: ground.newMarkPath() })
    await store.addAccount('ada@example.org')
    await store.close()
    assert.equal(await ground.server.psql(name, 'select count(*) from public.state'), '0')
    await ground.server.psql(name, 'drop schema postern cascade')
    await assert.rejects(ground.open(undefined, theirs, { markPath: ground.newMarkPath() }), {
      kind: 'unreachable',
      message: /denies/,
    })
  })

  test('what cannot be reached is told in a sentence without the password', async () => {
    for (const [url, pattern] of [
      [ground.server.urlOf('nowhere'), /nowhere at 127\.0\.0\.1:\d+ is not there/],
      [ground.server.urlOf('x').replace(/:\d+\//, ':1/'), /cannot be reached \(ECONNREFUSED\)/],
      [ground.server.urlOf('x').replace('sslmode=disable', 'sslmode=require'), /cannot be reached/],
      [ground.server.urlOf('x').replace('127.0.0.1', 'no-such-host.invalid'), /cannot be reached/],
      ['postgres:///x?user=postern&password=not-asked-for&host=/no/such/folder', /socket/],
      ['postgres://postern:not-asked-for@/x', /is no URL/],
    ] as const)
      await assert.rejects(
        ground.open(undefined, url, { markPath: ground.newMarkPath() }),
        (error: Error) => {
          assert.equal((error as { kind?: string }).kind, 'unreachable')
          assert.match(error.message, pattern)
          assert.doesNotMatch(inspect(error, { showHidden: true, depth: 9 }), /not-asked-for/)
          return true
        },
      )
  })

  test('the Unix socket serves as well', { skip: process.platform === 'win32' }, async () => {
    const { port, folder } = ground.server
    const url = await ground.server.newDatabase()
    const socket = `postgres:///${nameOf(url)}?host=${encodeURIComponent(folder)}&port=${port}&user=postern`
    const store = await ground.open(undefined, socket, { markPath: ground.newMarkPath() })
    assert.deepEqual(await store.check(), [])
    await store.close()
  })

  test('a database put back from an older copy gets a new UIDVALIDITY, once', async () => {
    const { url, markPath } = await filledDatabase()
    const name = nameOf(url)
    await ground.server.psql('postgres', `create database ${name}_copy template ${name}`)
    const store = await ground.open(undefined, url, { markPath })
    await store.account(accountId(1)).commit({
      mailboxes: [mailboxRow({ uidNext: uid(401) })],
      ...filled(301, 400),
    })
    await store.close()
    for (const sql of [`drop database ${name}`, `alter database ${name}_copy rename to ${name}`])
      await ground.server.psql('postgres', sql)
    const log = newQuietLog()
    const raised = await uidValidityOf(url, markPath, log)
    assert.ok(raised > 1000)
    assert.equal(log.warnings.length, 1)
    assert.equal(await uidValidityOf(url, markPath, log), raised)
    assert.equal(log.warnings.length, 1)
  })

  test('moved to another server in good order it keeps its UIDVALIDITY; without the mark file it does not', async () => {
    const { url, markPath } = await filledDatabase()
    const move = () =>
      ground.server.psql(nameOf(url), `update postern.state set fingerprint = 'another server'`)
    assert.equal(await uidValidityOf(url, markPath), 1000)
    await move()
    assert.equal(await uidValidityOf(url, markPath), 1000)
    await move()
    const mark = JSON.parse(readFileSync(`${markPath}.mark`, 'utf8')) as { commits: number }
    writeFileSync(`${markPath}.mark`, JSON.stringify({ ...mark, commits: mark.commits - 1 }))
    const raised = await uidValidityOf(url, markPath)
    assert.ok(raised > 1000, 'the file may lag: nobody knows what the other server lacks')
    await move()
    rmSync(`${markPath}.mark`)
    assert.ok((await uidValidityOf(url, markPath)) > raised)
  })

  test('a data folder that is lost changes nothing while the server is the same', async () => {
    const { url, markPath } = await filledDatabase()
    rmSync(`${markPath}.mark`)
    assert.equal(await uidValidityOf(url, markPath), 1000)
  })

  test('a sealed row that was moved to another message is damage, which the check finds', async (t) => {
    const { url, markPath } = await filledDatabase()
    await ground.server.psql(
      nameOf(url),
      `update postern.content set content = (select c.content from postern.content c where c.m = content.m + 1)
       where m % 4294967296 = 1; update postern.secret set sealed = '\\x01'`,
    )
    const store = await ground.open(t, url, { markPath })
    const account = store.account(accountId(1))
    await assert.rejects(account.content([messageKey(1)], { header: false }), { kind: 'damaged' })
    assert.equal((await account.content([messageKey(2)], { header: false })).length, 1)
    await assert.rejects(store.secret(accountId(1), 'grant'), { kind: 'damaged' })
    assert.match((await store.check()).join(), /1 messages of account 1 cannot be opened/)
  })

  test('no subject, address, label, keyword, password name or secret is readable in the files', async () => {
    const url = await ground.server.newDatabase()
    const store = await ground.open(undefined, url, { markPath: ground.newMarkPath() })
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
    await store.close()
    await ground.server.psql(nameOf(url), 'checkpoint')
    const found = new Set<string>()
    const words = [
      'ada.secret',
      'refresh-token',
      'Adas-telephone',
      'scrypt$hash',
      'Hidden-mailbox',
      '192.0.2.77',
    ]
    words.push('Divorce', 'Private-keyword', 'Analytical', 'Lovelace', 'Snippet', 'X-Bytes', 'INBOX')
    for (const path of globSync('{base,pg_wal}/**', { cwd: ground.server.data }))
      if (statSync(join(ground.server.data, path)).isFile()) {
        const bytes = readFileSync(join(ground.server.data, path))
        for (const word of words) if (bytes.includes(word)) found.add(word)
      }
    assert.deepEqual([...found], ['INBOX'], 'the files were read, and nothing else is in them')
  })
})

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1)
}
