import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTransport } from 'nodemailer'
import { RawClient } from '#imap/testing/raw-client.ts'
import { eventually, total } from './operations/figures.ts'
import { control } from './postern.ts'
import type { Ready } from './postern.ts'
import { withServe } from './serve.ts'

const principal = 'bridge@project.iam.gserviceaccount.com'
const people = ['anna@example.org', 'ben@example.org', 'cleo@example.org']

/** A Workspace of three, whose administrator lets a service account speak for everybody. */
function workspace(more: object) {
  return async (google: Ready, dir: string) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    for (const address of people) await control(google, 'addAccount', { address })
    await control(google, 'addServiceAccount', {
      email: principal,
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
    })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
    await writeFile(join(dir, 'key.json'), JSON.stringify({ client_email: principal, private_key: key }))
    await writeFile(join(dir, 'password'), 'for-the-whole-domain\n')
    const passwords = [{ name: 'all', passwordFile: 'password' }]
    const auth = { serviceAccountKeyFile: 'key.json' }
    return { accounts: [{ email: '*@example.org', auth, passwords, ...more }] }
  }
}

async function imap({ imap: door }: Ready, user: string): Promise<{ client: RawClient; answer: string }> {
  const client = await RawClient.connect(door)
  await client.until(/\r\n/)
  return { client, answer: await client.command('l', `LOGIN ${user} for-the-whole-domain`) }
}

/** Comes again until the answer is this one. */
async function until(ready: Ready, user: string, pattern: RegExp): Promise<RawClient> {
  for (;;) {
    const { client, answer } = await imap(ready, user)
    if (pattern.test(answer)) return client
    client[Symbol.dispose]()
  }
}

function deliver(google: Ready, address: string, subject: string): Promise<unknown> {
  const raw = `From: x@y.test\r\nTo: ${address}\r\nSubject: ${subject}\r\n\r\nHello\r\n`
  return control(google, 'deliver', { account: address, raw: Buffer.from(raw).toString('base64') })
}

async function unitsOf(google: Ready): Promise<number> {
  const { methods } = (await control(google, 'ledger')) as { methods: Record<string, { calls: number }> }
  return Object.values(methods).reduce((sum, { calls }) => sum + calls, 0)
}

test(
  'every mailbox of a domain opens at its first login, and rests when nobody is connected',
  { timeout: 240_000 },
  () =>
    withServe(workspace({ idleMinutes: 0.01 }), async ({ bridge, ready, google }) => {
      assert.equal(await unitsOf(google), 0)
      const first = await imap(ready, people[0] as string)
      assert.match(first.answer, /^l OK/m)
      assert.match(await first.client.command('s', 'SELECT INBOX'), /UIDVALIDITY/)
      const validity = /UIDVALIDITY (\d+)/.exec(await first.client.command('s', 'SELECT INBOX'))?.[1]
      const stranger = await imap(ready, 'nobody@example.org')
      assert.match(stranger.answer, /^l NO \[AUTHENTICATIONFAILED\]/m)
      stranger.client[Symbol.dispose]()
      // Who is connected does not rest, however long.
      await bridge.logged('"reason":"no-mailbox"')
      assert.match(await first.client.command('n', 'NOOP'), /^n OK/m)
      first.client[Symbol.dispose]()
      await bridge.logged('the account rests')

      await deliver(google, people[0] as string, 'While it rested')
      const again = await imap(ready, people[0] as string)
      assert.match(again.answer, /^l OK/m)
      await eventually(ready, (all) => total(all, 'postern_gmail_units_total', 'class="service-account"') > 0)
      let selected = ''
      while (!/\* 1 EXISTS/.test(selected)) selected = await again.client.command('s', 'SELECT INBOX')
      assert.equal(/UIDVALIDITY (\d+)/.exec(selected)?.[1], validity)
      again.client[Symbol.dispose]()

      // SMTP wakes it as well, and what is sent arrives.
      assert.ok(ready.smtp)
      const transport = createTransport({
        ...ready.smtp,
        tls: { rejectUnauthorized: false },
        auth: { user: people[1], pass: 'for-the-whole-domain' },
      })
      await transport.sendMail({ from: people[1], to: people[0], subject: 'Hello', text: 'Hello' })
      assert.doesNotMatch(bridge.log(), /for-the-whole-domain|PRIVATE KEY/)
    }),
)

test(
  'no more accounts than the pattern permits are at work, and the one that is idle longest makes room',
  { timeout: 240_000 },
  () =>
    withServe(workspace({ most: 1 }), async ({ ready }) => {
      const anna = await until(ready, 'anna@example.org', /^l OK/m)
      const ben = await imap(ready, 'ben@example.org')
      assert.match(ben.answer, /^l NO \[UNAVAILABLE\] Too many accounts of this domain are in use at once/m)
      ben.client[Symbol.dispose]()
      anna[Symbol.dispose]()
      const later = await until(ready, 'ben@example.org', /^l OK/m)
      later[Symbol.dispose]()
    }),
)

test('the accounts file is taken up while Postern runs: a pattern comes and goes', { timeout: 240_000 }, () =>
  withServe(workspace({}), async ({ ready, accountsFile }) => {
    const anna = await until(ready, 'anna@example.org', /^l OK/m)
    await writeFile(accountsFile, JSON.stringify({ accounts: [] }))
    assert.match(await anna.ended(), /\* BYE/)
    const refused = await imap(ready, 'anna@example.org')
    assert.match(refused.answer, /^l NO \[AUTHENTICATIONFAILED\]/m)
    refused.client[Symbol.dispose]()
  }),
)
