import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ImapFlow } from 'imapflow'
import { startPostern, withFolder } from '../postern.ts'
import { eventually, total } from './figures.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, '../../src/main.ts')

test('a bundle for a bug report tells the story and names nobody', async (t) => {
  await withFolder(async (dir) => {
    const running = await startPostern(['demo', '--quota', '0', '--data', dir], {
      POSTERN_LOG_LEVEL: 'debug',
    })
    t.after(() => running.kill())
    const { account, imap, simulator } = running.ready
    await eventually(running.ready, (all) => total(all, 'postern_accounts', 'live') === 1)
    const client = new ImapFlow({
      host: imap.host,
      port: imap.port,
      auth: { user: account.user, pass: account.password },
      tls: { rejectUnauthorized: false },
      logger: false,
    })
    await client.connect()
    await client.mailboxOpen('INBOX')
    const subjects: string[] = []
    for await (const { envelope } of client.fetch('1:*', { envelope: true })) {
      if (envelope?.subject !== undefined) subjects.push(envelope.subject)
    }
    assert.ok(subjects.length > 0)
    const env = { ...process.env, NODE_OPTIONS: '', POSTERN_DATA_DIR: join(dir, 'bridge') }
    const options = { env, cwd: dir, maxBuffer: 16 * 1024 * 1024 }
    const { stdout } = await run(process.execPath, [main, 'logs', 'bundle', '--output', '-'], options)
    await client.logout()
    for (const title of ['Postern', 'Settings', 'Doctor', 'Accounts', 'Metrics', 'Log'])
      assert.ok(stdout.includes(`=== ${title}\n`), title)
    assert.match(stdout, /ok store|ok running/)
    assert.match(stdout, /postern_build_info/)
    assert.match(stdout, /"phase":"live"/)
    assert.match(stdout, /FETCH/)
    for (const secret of [
      account.user,
      account.password,
      account.password.replaceAll(/[ -]/g, ''),
      simulator.token,
      simulator.refreshToken,
      simulator.clientSecret,
      ...subjects.filter((subject) => subject.length > 8),
    ])
      assert.ok(!stdout.includes(secret), 'the bundle holds a secret')
  })
})

test('without a running Postern the bundle holds what can be known, in a new file that others cannot read', async () => {
  await withFolder(async (dir) => {
    const env = { ...process.env, NODE_OPTIONS: '', POSTERN_DATA_DIR: join(dir, 'data') }
    const options = { env: { ...env, POSTERN_GOOGLE_TOKEN_URL: 'http://127.0.0.1:1' }, cwd: dir }
    const path = join(dir, 'bundle.txt')
    const { stdout } = await run(process.execPath, [main, 'logs', 'bundle', '--output', path], options)
    assert.match(stdout, /bundle\.txt is written.*read it before you send it/)
    assert.match(await readFile(path, 'utf8'), /=== Accounts\nPostern does not run on this data folder/)
    if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600)
    await assert.rejects(
      run(process.execPath, [main, 'logs', 'bundle', '--output', path], options),
      /cannot be written \(EEXIST\)/,
    )
  })
})
