import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rename, writeFile } from 'node:fs/promises'
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
const auth = 'https://www.googleapis.com/auth/'

/** An accounts file for the demo account with a grant of these scopes. */
function grantedTo(...scopes: string[]) {
  return async (google: Ready) => {
    const { refreshToken } = await control(google, 'grant', { account: demoUser, scopes })
    const passwords = [{ name: 'all', password: 'whole-password' }]
    return { accounts: [{ email: demoUser, auth: { refreshToken }, passwords }] }
  }
}

async function imap({ imap: door }: Ready): Promise<{ client: RawClient; answer: string }> {
  const client = await RawClient.connect(door)
  await client.until(/\r\n/)
  return { client, answer: await client.command('l', `LOGIN ${demoUser} whole-password`) }
}

async function pop3({ pop3: door }: Ready): Promise<{ client: RawClient; answer: string }> {
  assert.ok(door)
  const client = await RawClient.connect(door)
  await client.until(/\r\n/)
  client.send(`USER ${demoUser}\r\n`)
  await client.until(/\r\n/)
  client.send('PASS whole-password\r\n')
  return { client, answer: await client.until(/\r\n/) }
}

function send({ smtp }: Ready): Promise<unknown> {
  assert.ok(smtp)
  const transport = createTransport({
    ...smtp,
    tls: { rejectUnauthorized: false },
    auth: { user: demoUser, pass: 'whole-password' },
  })
  return transport.sendMail({ from: demoUser, to: 'peer@gmail.test', subject: 'Hello', text: 'Hello' })
}

async function methods(google: Ready): Promise<string[]> {
  const ledger = (await control(google, 'ledger')) as { methods: Record<string, { calls: number }> }
  return Object.entries(ledger.methods).flatMap(([name, { calls }]) => (calls > 0 ? [name] : []))
}

async function postern({ environment }: Served, ...args: string[]): Promise<string> {
  const main = join(import.meta.dirname, '../src/main.ts')
  const { stdout } = await run(process.execPath, [main, ...args], {
    env: { ...process.env, ...environment },
    cwd: environment['POSTERN_DATA_DIR'],
  })
  return stdout
}

async function report(served: Served): Promise<Record<string, unknown>> {
  const [one] = JSON.parse(await postern(served, 'account', 'list', '--json')) as Record<string, unknown>[]
  return one ?? {}
}

test('an account for sending alone sends, has nothing to read and spends units on nothing else', limit, () =>
  withServe(grantedTo(`${auth}gmail.send`), async (served) => {
    const { ready, google } = served
    const { client, answer } = await imap(ready)
    client[Symbol.dispose]()
    assert.match(
      answer,
      /^l NO \[AUTHORIZATIONFAILED\] This account was connected for sending only: .* connect it again .* open http:/m,
    )
    const popped = await pop3(ready)
    popped.client[Symbol.dispose]()
    assert.match(popped.answer, /^-ERR .*connected for sending only/)
    await send(ready)
    assert.deepEqual(await methods(google), ['messages.send'])
    const { access, phase, alert } = await report(served)
    assert.deepEqual({ access, phase, alert }, { access: 'send', phase: 'unsynced', alert: undefined })
  }),
)

test('an account for reading alone can be read by every door, and says what changing it takes', limit, () =>
  withServe(grantedTo(`${auth}gmail.readonly`), async (served) => {
    const { ready, google } = served
    using reader = (await imap(ready)).client
    const selected = await reader.command('s', 'SELECT INBOX')
    assert.match(selected, /s OK \[READ-ONLY\]/)
    assert.match(selected, /PERMANENTFLAGS \(\)/)
    assert.match(await reader.command('f', 'FETCH 1 (FLAGS BODY[HEADER])'), /f OK/)
    const no = /^[a-z] NO \[NOPERM\] This account was connected for reading only\. .* open http:/m
    for (const line of [
      'STORE 1 +FLAGS (\\Seen)',
      'EXPUNGE',
      'MOVE 1 Archive',
      'CREATE New',
      'DELETE Receipts',
    ])
      assert.match(await reader.command('a', line), no, line)
    reader.send('b APPEND INBOX {16}\r\n')
    await reader.until(/^\+/m)
    reader.send('Subject: x\r\n\r\ny\r\n\r\n')
    assert.match(await reader.until(/b (?:OK|NO|BAD)[^\r\n]*\r\n/), no)
    assert.match(await reader.command('c', 'CLOSE'), /^c OK/m)

    const { client: pop, answer } = await pop3(ready)
    assert.match(answer, /^\+OK/)
    pop.send('RETR 1\r\n')
    await pop.until(/\r\n\.\r\n/)
    pop.send('DELE 1\r\n')
    assert.match(await pop.until(/\r\n/), /^-ERR \[SYS\/PERM\] This account was connected for reading only/)
    pop.send('QUIT\r\n')
    assert.match(await pop.until(/\r\n/), /^\+OK/)

    await assert.rejects(send(ready), /535.*connected for reading only and cannot send mail.* open http:/s)
    const changing = (await methods(google)).filter((name) => !/(?:get|list|get[A-Z]\w+)$/.test(name))
    assert.deepEqual(changing, [])
    assert.equal((await report(served))['access'], 'read')
  }),
)

test('without the right to delete for ever EXPUNGE in Trash is a clear no', limit, () =>
  withServe(grantedTo(`${auth}gmail.modify`), async (served) => {
    using client = (await imap(served.ready)).client
    assert.match(await client.command('s', 'SELECT INBOX'), /READ-WRITE/)
    assert.match(await client.command('m', 'MOVE 1 "[Gmail]/Trash"'), /^m OK/m)
    assert.match(await client.command('t', 'SELECT "[Gmail]/Trash"'), /READ-WRITE/)
    assert.match(await client.command('d', 'STORE 1 +FLAGS (\\Deleted)'), /^d OK/m)
    assert.match(
      await client.command('e', 'EXPUNGE'),
      /^e NO \[NOPERM\] Google has not permitted .* full access/m,
    )
    assert.equal((await report(served))['access'], 'modify')
  }),
)

test(
  'when an account is connected again with other rights its sessions end and the doors follow',
  limit,
  () =>
    withServe(grantedTo(`${auth}gmail.send`), async (served) => {
      const { ready, google, accountsFile, dir } = served
      const { client, answer } = await imap(ready)
      client[Symbol.dispose]()
      assert.match(answer, /^l NO/m)
      const replace = async (...scopes: string[]) => {
        await writeFile(join(dir, 'new.json'), JSON.stringify(await grantedTo(...scopes)(google)))
        await rename(join(dir, 'new.json'), accountsFile)
      }
      const until = async (pattern: RegExp): Promise<RawClient> => {
        for (;;) {
          const next = await imap(ready)
          if (pattern.test(next.answer)) return next.client
          next.client[Symbol.dispose]()
        }
      }
      await replace('https://mail.google.com/')
      using writer = await until(/^l OK/m)
      assert.match(await writer.command('s', 'SELECT INBOX'), /READ-WRITE/)
      await replace(`${auth}gmail.send`)
      assert.match(await writer.ended(), /\* BYE/)
      const refused = await until(/^l NO .*sending only/m)
      refused[Symbol.dispose]()
      await send(ready)
      assert.equal((await report(served))['access'], 'send')
    }),
)
