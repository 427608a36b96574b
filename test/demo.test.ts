import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { ImapFlow } from 'imapflow'
import NodeImap from 'node-imap'
import { control, startPostern, withFolder } from './postern.ts'
import type { Ready, Running } from './postern.ts'
import { without } from './program.ts'

const run = promisify(execFile)
const fixtures = join(import.meta.dirname, 'fixtures/messages')

/** The file's octets as IMAP shows them: every line end is CRLF (docs/decisions/0003-line-ends.md), and no literal holds NUL (RFC 9051). */
function asShown(file: string): Buffer {
  const text = readFileSync(file, 'latin1')
  return Buffer.from(text.replaceAll(/(?<!\r)\n/g, '\r\n').replaceAll('\0', '\x80'), 'latin1')
}

function imapflow({ imap, account }: Ready): ImapFlow {
  return new ImapFlow({
    ...imap,
    secure: false,
    tls: { rejectUnauthorized: false },
    auth: { user: account.user, pass: account.password },
    logger: false,
  })
}

async function messagesIn(client: ImapFlow, path: string): Promise<number | undefined> {
  const status = await client.status(path, { messages: true })
  return status === false ? undefined : status.messages
}

describe('postern demo --mail DIR', () => {
  let running: Running
  let finished: () => void
  let folder: Promise<void>
  let mail = ''
  const names = readdirSync(fixtures)
    .filter((name) => name.endsWith('.eml'))
    .sort()

  before(async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    finished = resolve
    const { promise: ready, resolve: isReady, reject } = Promise.withResolvers<void>()
    folder = withFolder(async (dir) => {
      mail = join(dir, 'mail')
      cpSync(fixtures, mail, { recursive: true })
      mkdirSync(join(mail, 'Work/Projects'), { recursive: true })
      cpSync(join(fixtures, 'simple.eml'), join(mail, 'Work/Projects/one.eml'))
      mkdirSync(join(mail, 'SENT'))
      cpSync(join(fixtures, 'alternative.eml'), join(mail, 'SENT/two.eml'))
      try {
        running = await startPostern(['demo', '--mail', mail, '--quota', '0'], { POSTERN_POLL_SECONDS: '1' })
        isReady()
        await promise
      } catch (error) {
        reject(error)
      }
    })
    await ready
  })

  after(async () => {
    await running.stop()
    finished()
    await folder
  })

  test('serves every file byte for byte to imapflow, with its exact size, in file-name order', async () => {
    const client = imapflow(running.ready)
    await client.connect()
    await client.mailboxOpen('INBOX')
    const seen: string[] = []
    for await (const message of client.fetch('1:*', { uid: true, size: true, source: true })) {
      const name = names[message.seq - 1] ?? ''
      seen.push(name)
      const expected = asShown(join(fixtures, name))
      assert.equal(message.size, expected.length, `RFC822.SIZE of ${name}`)
      assert.ok(expected.equals(message.source ?? Buffer.alloc(0)), `BODY[] of ${name}`)
    }
    assert.deepEqual(seen.toSorted(), names)
    await client.logout()
  })

  test('shows subfolders as labels and the system folders by their roles', async () => {
    const client = imapflow(running.ready)
    await client.connect()
    const list = await client.list()
    const roles = new Map(list.map(({ path, specialUse }) => [path, specialUse]))
    assert.equal(roles.get('[Gmail]/All Mail'), '\\All')
    assert.equal(roles.get('[Gmail]/Sent Mail'), '\\Sent')
    assert.equal(roles.get('[Gmail]/Trash'), '\\Trash')
    assert.ok(roles.has('Work/Projects'))
    assert.equal(await messagesIn(client, '[Gmail]/All Mail'), names.length + 2)
    assert.equal(await messagesIn(client, 'Work/Projects'), 1)
    await client.logout()
  })

  test('serves node-imap over TLS and tells it of new mail in IDLE', async () => {
    const { imaps, account, simulator } = running.ready
    const client = new NodeImap({
      host: 'localhost',
      port: imaps.port,
      tls: true,
      tlsOptions: { rejectUnauthorized: false },
      user: account.user,
      password: account.password,
    })
    const ready = once(client, 'ready')
    client.connect()
    await ready
    const box = await new Promise<NodeImap.Box>((resolve, reject) =>
      client.openBox('INBOX', true, (error, opened) => (error ? reject(error) : resolve(opened))),
    )
    assert.equal(box.messages.total, names.length)
    const arrived = once(client, 'mail')
    const raw = 'From: a@example.com\r\nTo: demo@gmail.test\r\nSubject: news\r\n\r\nHello\r\n'
    await control({ ...running.ready, simulator }, 'deliver', { text: raw })
    assert.deepEqual(await arrived, [1])
    client.end()
  })

  test('the curl line that it prints works', { skip: without('curl') }, async () => {
    const { imap, account } = running.ready
    const { stdout } = await run(
      'curl',
      [
        '--silent',
        '--user',
        `${account.user}:${account.password}`,
        `imap://${imap.host}:${imap.port}/SENT;UID=1`,
      ].map((word) => word.replace('/SENT;', '/%5BGmail%5D%2FSent%20Mail;')),
      { encoding: 'latin1' },
    )
    assert.ok(asShown(join(fixtures, 'alternative.eml')).equals(Buffer.from(stdout, 'latin1')))
  })

  test('reading with BODY[] takes UNREAD away at Gmail', async () => {
    const client = imapflow(running.ready)
    await client.connect()
    await client.mailboxOpen('INBOX')
    assert.deepEqual(await client.search({ seen: true }), [])
    await client.messageFlagsAdd('1', ['\\Seen'])
    const { accounts } = (await control(running.ready, 'state', { account: running.ready.account.user })) as {
      accounts: { messages: { labelIds: string[] }[] }[]
    }
    const messages = accounts[0]?.messages ?? []
    assert.equal(
      messages.filter(({ labelIds }) => labelIds.includes('INBOX') && !labelIds.includes('UNREAD')).length,
      1,
    )
    await client.logout()
  })
})

describe('postern', () => {
  test('ends cleanly on SIGTERM: BYE for the client, code 0', async () => {
    const running = await startPostern(['demo'])
    const socket = connect(running.ready.imap)
    socket.setEncoding('latin1')
    await once(socket, 'data')
    let rest = ''
    socket.on('data', (text: string) => (rest += text))
    const closed = once(socket, 'close')
    assert.equal(await running.stop(), 0)
    await closed
    assert.match(rest, /^\* BYE /)
  })

  test('heeds a SIGTERM that comes as soon as the ready line', async () => {
    // Each is a throw of a die where the line is written before signals are heard.
    for (let turn = 0; turn < 5; turn++)
      await withFolder(async (dir) => {
        const running = await startPostern(['serve'], { POSTERN_DATA_DIR: dir })
        assert.equal(await running.stop(), 0)
      })
  })

  test('refuses a value that it cannot use in one line that names the variable', async () => {
    await assert.rejects(
      startPostern(['serve'], { POSTERN_IMAP_PORT: 'imap' }),
      /\npostern: POSTERN_IMAP_PORT: .+\n$/,
    )
  })

  test('serves without any account, and goes on where it was after a kill', async () => {
    await withFolder(async (dir) => {
      const first = await startPostern(['serve'], { POSTERN_DATA_DIR: dir })
      await first.kill()
      const second = await startPostern(['serve'], { POSTERN_DATA_DIR: dir })
      const answer = await fetch(`${second.ready.web.url}/healthz`)
      assert.equal(answer.status, 200)
      assert.equal(await second.stop(), 0)
    })
  })

  test('postern account and postern password speak to the Postern that runs', async () => {
    await withFolder(async (dir) => {
      const running = await startPostern(['demo', '--data', dir])
      const { user } = running.ready.account
      const postern = (...args: string[]) =>
        run(process.execPath, [join(import.meta.dirname, '../src/main.ts'), ...args], {
          env: { ...process.env, POSTERN_DATA_DIR: join(dir, 'bridge') },
        })
      assert.match((await postern('account', 'list')).stdout, new RegExp(RegExp.escape(user)))
      const made = (await postern('password', 'add', user, '--name', 'laptop')).stdout.trim()
      const client = imapflow({ ...running.ready, account: { user, password: made } })
      await client.connect()
      // A revoked password ends the sessions that it opened.
      const ended = once(client, 'close')
      await postern('password', 'remove', user, 'laptop')
      await ended
      const again = imapflow({ ...running.ready, account: { user, password: made } })
      await assert.rejects(again.connect())
      await running.stop()
    })
  })
})
