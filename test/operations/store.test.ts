import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ImapFlow } from 'imapflow'
import { control, freePorts, startPostern, withFolder } from '../postern.ts'
import { agree } from '../faults/agreement.ts'
import { password } from '../faults/bridge.ts'
import type { Running } from '../postern.ts'
import { eventually, total } from './figures.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, '../../src/main.ts')
function postern(environment: Record<string, string>, ...args: string[]) {
  return run(process.execPath, [main, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    maxBuffer: 64 * 1024 * 1024,
  })
}

function environmentOf({ ready: { simulator } }: Running, dir: string, name: string): Record<string, string> {
  const accounts = join(dir, 'accounts.json')
  const auth = { refreshToken: simulator.refreshToken }
  const passwords = [{ name: 'test', password }]
  writeFileSync(accounts, JSON.stringify({ accounts: [{ email: 'demo@gmail.test', auth, passwords }] }))
  return {
    ...freePorts,
    POSTERN_DATA_DIR: join(dir, name),
    POSTERN_ACCOUNTS_FILE: accounts,
    POSTERN_GMAIL_API_URL: simulator.url,
    POSTERN_GOOGLE_AUTH_URL: simulator.url,
    POSTERN_GOOGLE_TOKEN_URL: simulator.url,
    POSTERN_QUOTA_PER_MINUTE: '1000000',
    POSTERN_POLL_SECONDS: '1',
    GOOGLE_CLIENT_ID: simulator.clientId,
    GOOGLE_CLIENT_SECRET: simulator.clientSecret,
  }
}

interface Seen {
  readonly uidValidity: bigint
  readonly uidNext: number
  readonly messages: readonly (readonly [number, string | undefined, readonly string[]])[]
}

/** INBOX as a mail client sees it, once the sync is done. */
async function inboxOf(bridge: Running): Promise<Seen> {
  await eventually(bridge.ready, (all) => total(all, 'postern_accounts', 'live') === 1)
  const client = new ImapFlow({
    ...bridge.ready.imap,
    secure: false,
    tls: { rejectUnauthorized: false },
    auth: { user: 'demo@gmail.test', pass: password },
    logger: false,
  })
  await client.connect()
  const { uidValidity, uidNext } = await client.mailboxOpen('INBOX')
  const messages: [number, string | undefined, string[]][] = []
  for await (const { uid, emailId, flags } of client.fetch('1:*', { uid: true, flags: true, threadId: true }))
    messages.push([uid, emailId, [...(flags ?? [])].toSorted()])
  await client.logout()
  return { uidValidity, uidNext, messages }
}

test(
  'UIDs survive a lost data folder by export and import, and a damaged database by repair',
  { timeout: 240_000 },
  async (t) => {
    const start = async (...args: Parameters<typeof startPostern>) => {
      const running = await startPostern(...args)
      t.after(() => running.kill())
      return running
    }
    await withFolder(async (dir) => {
      const gmail = await start(['simulator', '--quota', '0'])
      const first = environmentOf(gmail, dir, 'first')
      let bridge = await start(['serve'], first)
      await inboxOf(bridge)
      // A UID that is given and goes: numbers made anew would be others.
      const { id } = await control(gmail.ready, 'deliver', { text: 'Subject: gone\n\nx\n' })
      await agree(bridge.ready, gmail.ready, ['INBOX'])
      await control(gmail.ready, 'delete', { ids: [id] })
      await control(gmail.ready, 'deliver', { text: 'Subject: stays\n\nx\n' })
      await agree(bridge.ready, gmail.ready, ['INBOX'])
      const client = await inboxOf(bridge)
      assert.equal(await bridge.stop(), 0)
      bridge = await start(['serve'], first)
      const before = await inboxOf(bridge)
      assert.deepEqual(before.messages.length, client.messages.length)

      await assert.rejects(postern(first, 'store', 'check'), /in use by another Postern/)
      assert.equal(await bridge.stop(), 0)
      const { stdout } = await postern(first, 'store', 'check')
      assert.match(stdout, /sound/)

      const { stdout: map } = await postern(first, 'store', 'export')
      const mapFile = join(dir, 'uids.jsonl')
      writeFileSync(mapFile, map)
      const second = environmentOf(gmail, dir, 'second')
      const { stdout: taken } = await postern(second, 'store', 'import', mapFile)
      assert.match(taken, /^1 accounts, \d+ mailboxes, \d+ UIDs taken up/)
      bridge = await start(['serve'], second)
      assert.deepEqual(await inboxOf(bridge), before)
      assert.equal(await bridge.stop(), 0)
      await assert.rejects(postern(second, 'store', 'import', mapFile), /already/)

      // Noise where content is, at the end of the file.
      const database = join(dir, 'second', 'postern.db')
      const octets = readFileSync(database)
      octets.fill(0x5a, octets.length - 8192)
      writeFileSync(database, octets)
      const { stdout: repaired } = await postern(second, 'store', 'repair')
      assert.match(repaired, /UIDs are what they were|new UIDVALIDITY/)
      assert.ok(readdirSync(join(dir, 'second')).some((name) => name.startsWith('postern.db.damaged-')))
      bridge = await start(['serve'], second)
      const after = await inboxOf(bridge)
      if (repaired.includes('UIDs are what they were')) assert.deepEqual(after, before)
      else assert.ok(after.uidValidity > before.uidValidity)
      assert.deepEqual(
        after.messages.map(([, emailId]) => emailId),
        before.messages.map(([, emailId]) => emailId),
      )
      assert.equal(await bridge.stop(), 0)
      assert.equal(await gmail.stop(), 0)
    })
  },
)
