import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { createTransport } from 'nodemailer'
import { RawClient } from '#imap/testing/raw-client.ts'
import { control } from './postern.ts'
import type { Ready } from './postern.ts'
import { demoUser, withServe } from './serve.ts'
import type { Served } from './serve.ts'

const limit = { timeout: 240_000 }
const run = promisify(execFile)

type Line = Record<string, unknown>

function linesOf(path: string): Line[] {
  // Between being moved away and being opened again there is none.
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"stream":"audit"'))
    .map((line) => JSON.parse(line) as Line)
}

async function postern({ environment }: Served, ...args: string[]): Promise<string> {
  const main = join(import.meta.dirname, '../src/main.ts')
  const { stdout } = await run(process.execPath, [main, ...args], {
    env: { ...process.env, ...environment },
    cwd: environment['POSTERN_DATA_DIR'],
  })
  return stdout
}

async function imap({ imap: door }: Ready, password: string): Promise<RawClient> {
  const client = await RawClient.connect(door)
  await client.until(/\r\n/)
  await client.command('l', `LOGIN ${demoUser} ${password}`)
  return client
}

async function tour(served: Served): Promise<void> {
  const { ready, google } = served
  using client = await imap(ready, 'whole-password')
  for (const [tag, line] of [
    ['a', 'SELECT INBOX'],
    ['b', 'STORE 1:2 +FLAGS (\\Flagged TopSecretKeyword)'],
    ['c', 'CREATE Plans'],
    ['d', 'COPY 1 Plans'],
    ['e', 'MOVE 1 "[Gmail]/Trash"'],
    ['f', 'STORE 1 +FLAGS.SILENT (\\Deleted)'],
    ['g', 'EXPUNGE'],
    ['h', 'RENAME Plans Projects'],
    ['i', 'DELETE Projects'],
    ['k', 'STORE 1 +X-GM-LABELS (\\Important)'],
  ] as const)
    assert.match(await client.command(tag, line), new RegExp(`^${tag} OK`, 'm'), line)
  const letter = 'Subject: Unspeakable subject\r\n\r\nUnspeakable body\r\n'
  client.send(`m APPEND INBOX {${letter.length}}\r\n`)
  await client.until(/^\+/m)
  client.send(`${letter}\r\n`)
  await client.until(/m OK[^\r\n]*\r\n/)
  assert.match(await client.command('n', 'CREATE INBOX'), /^n NO/m)
  using refused = await imap(ready, 'wrong-password')
  await refused.command('n', 'NOOP')

  assert.ok(ready.smtp && ready.pop3)
  const transport = createTransport({
    ...ready.smtp,
    tls: { rejectUnauthorized: false },
    auth: { user: demoUser, pass: 'whole-password' },
  })
  await transport.sendMail({
    from: demoUser,
    to: ['peer@gmail.test', 'someone@elsewhere.test'],
    subject: 'Unspeakable subject',
    text: 'Unspeakable body',
  })
  using pop = await RawClient.connect(ready.pop3)
  await pop.until(/\r\n/)
  for (const line of [`USER ${demoUser}`, 'PASS whole-password', 'DELE 1', 'QUIT']) {
    pop.send(`${line}\r\n`)
    assert.match(await pop.until(/\r\n/), /^\+OK/, line)
  }

  const password = (await postern(served, 'password', 'add', demoUser, '--name', 'phone')).trim()
  await postern(served, 'password', 'remove', demoUser, 'phone')
  await control(google, 'revoke', { account: demoUser })
  assert.match(password, /^[a-z-]{19}$/)
}

/** Without what differs from run to run. */
function plain({ time: _time, stream: _stream, session: _session, gmailId: _id, ...line }: Line): Line {
  return line
}

test(
  'everything that is changed or sent is written down: who, from where, what, and nothing of the mail',
  limit,
  () =>
    withServe(
      ({ simulator }) => ({
        accounts: [
          {
            email: demoUser,
            auth: { refreshToken: simulator.refreshToken },
            passwords: [{ name: 'laptop', password: 'whole-password' }],
          },
        ],
      }),
      async (served) => {
        const path = served.environment['POSTERN_AUDIT_LOG'] ?? ''
        await tour(served)
        while (!readFileSync(path, 'utf8').includes('grant-lost')) {
          const client = await imap(served.ready, 'whole-password')
          await client.command('s', 'SELECT INBOX')
          await client.command('f', 'FETCH 1:* (BODY.PEEK[])').catch(() => '')
          client[Symbol.dispose]()
        }
        const lines = linesOf(path)
        const client = { account: 1, address: demoUser, password: 'laptop', from: '127.0.0.1' }
        const byImap = { ...client, door: 'imap', result: 'ok' }
        const expected: Line[] = [
          { action: 'account-connected', account: 1, address: demoUser, by: 'accounts file', result: 'ok' },
          { action: 'login', ...byImap },
          { action: 'flags', ...byImap, mailbox: 'INBOX', messages: 2, change: '+\\Flagged (1 keywords)' },
          { action: 'mailbox-made', ...byImap, mailbox: 'Plans' },
          { action: 'copy', ...byImap, mailbox: 'INBOX', target: 'Plans', messages: 1 },
          { action: 'move', ...byImap, mailbox: 'INBOX', target: '[Gmail]/Trash', messages: 1 },
          { action: 'flags', ...byImap, mailbox: 'INBOX', messages: 1, change: '+\\Deleted' },
          { action: 'expunge', ...byImap, mailbox: 'INBOX', messages: 1 },
          { action: 'mailbox-renamed', ...byImap, mailbox: 'Plans', target: 'Projects' },
          { action: 'mailbox-deleted', ...byImap, mailbox: 'Projects' },
          { action: 'labels', ...byImap, mailbox: 'INBOX', messages: 1, change: '+\\Important' },
          { action: 'append', ...byImap, mailbox: 'INBOX', messages: 1 },
          { action: 'mailbox-made', ...byImap, mailbox: 'INBOX', result: 'already-exists' },
          {
            action: 'login-refused',
            address: demoUser,
            from: '127.0.0.1',
            door: 'imap',
            result: 'credentials',
          },
          { action: 'login', ...client, door: 'smtp', result: 'ok' },
          { action: 'send', ...client, door: 'smtp', result: 'ok', recipients: 2 },
          { action: 'login', ...client, door: 'pop3', result: 'ok' },
          { action: 'pop-delete', ...client, door: 'pop3', result: 'ok', mailbox: 'INBOX', messages: 1 },
          {
            action: 'password-added',
            address: demoUser,
            password: 'phone',
            by: 'command line',
            result: 'ok',
          },
          {
            action: 'password-removed',
            address: demoUser,
            password: 'phone',
            by: 'command line',
            result: 'ok',
          },
        ]
        assert.deepEqual(lines.slice(0, expected.length).map(plain), expected)
        const lost = lines.find(({ action }) => action === 'grant-lost')
        assert.deepEqual(lost && plain(lost), {
          action: 'grant-lost',
          account: 1,
          address: demoUser,
          result: 'ok',
          reason: 'revoked-or-expired',
        })
        const sessions = new Set(lines.slice(1, 13).map(({ session }) => session))
        assert.equal(sessions.size, 1)
        // The log calls it the same.
        await served.bridge.logged(`"session":"${String([...sessions][0])}"`)
        const sent = lines.find(({ action }) => action === 'send')
        assert.match(String(sent?.['gmailId']), /^[0-9a-f]+$/)
        const text = readFileSync(path, 'utf8')
        for (const secret of [
          'Unspeakable',
          'TopSecretKeyword',
          'whole-password',
          'wrong-password',
          'elsewhere.test',
        ])
          assert.ok(!text.includes(secret), secret)
        if (process.platform !== 'win32') {
          renameSync(path, `${path}.1`)
          served.bridge.process.kill('SIGHUP')
          let again: Line[] = []
          while (again.length === 0) {
            const last = await imap(served.ready, 'wrong-password')
            await last.command('n', 'NOOP')
            last[Symbol.dispose]()
            again = linesOf(path)
          }
          assert.equal(again[0]?.['action'], 'login-refused')
        }
      },
      { audit: true },
    ),
)
