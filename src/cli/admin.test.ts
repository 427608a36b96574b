import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { bookLog } from '#auth/testing/hand-clock.ts'
import { openAdminPassword } from './admin.ts'

async function start(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'postern-admin-'))
  t.after(() => rm(dataDir, { recursive: true, force: true }))
  const log = bookLog()
  const settings = { dataDir, adminPassword: undefined, adminPasswordFile: undefined }
  const open = (terminal?: NodeJS.WritableStream) =>
    openAdminPassword(settings, { randomBytes, log, terminal })
  return { dataDir, log, open }
}

test('on a terminal the first admin password is shown there, once, and lies in no file', async (t) => {
  const { dataDir, log, open } = await start(t)
  const terminal = new PassThrough({ encoding: 'utf8' })
  const password = await open(terminal)
  const shown = /[a-z]{4}(-[a-z]{4}){3}/.exec(terminal.read() as string)?.[0] ?? ''
  assert.equal(await password.isRight(shown), true)
  assert.equal(await password.isRight('xxxx-xxxx-xxxx-xxxx'), false)
  assert.deepEqual(await readdir(dataDir), ['admin-password.hash'])
  assert.equal(await (await open(terminal)).isRight(shown), true)
  assert.equal(terminal.read(), null)
  assert.deepEqual(log.lines, [])
})

test('without a terminal it waits in a file that the log names, until somebody signs in', async (t) => {
  const { dataDir, log, open } = await start(t)
  const password = await open()
  const file = join(dataDir, 'first-admin-password')
  const first = (await readFile(file, 'utf8')).trim()
  if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.ok(log.lines.join().includes('first-admin-password') && !log.lines.join().includes(first))
  assert.equal(await password.isRight('xxxx-xxxx-xxxx-xxxx'), false)
  assert.ok((await readdir(dataDir)).includes('first-admin-password'))
  assert.equal(await (await open()).isRight(first), true)
  assert.deepEqual(await readdir(dataDir), ['admin-password.hash'])
  assert.equal(log.lines.length, 1)
})
