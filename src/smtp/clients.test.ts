import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { MemoryOutbox } from './testing/memory-outbox.ts'
import { password, user } from './testing/people.ts'
import { openPostHouse } from './testing/post-house.ts'
import type { PostHouse } from './testing/post-house.ts'

const run = promisify(execFile)

/** A program that submits the file to bob, with carol in secret. */
interface Client {
  readonly program: string
  readonly probe: readonly string[]
  readonly send: (place: { house: PostHouse; dir: string; file: string }) => Promise<void>
}

const letter = `From: ${user}\nTo: bob@example.com\nSubject: From a client\n\nline\n.\n..dots\n.end\n`

const msmtp =
  (tls: 'starttls' | 'tls', auth: string): Client['send'] =>
  async ({ house, dir, file }) => {
    const { host, port } = tls === 'tls' ? house.smtps : house.smtp
    const config = join(dir, 'msmtprc')
    await writeFile(
      config,
      `account default\nhost ${host}\nport ${port}\ntls on\ntls_certcheck off\ntls_starttls ${tls === 'tls' ? 'off' : 'on'}
auth ${auth}\nuser ${user}\npassword "${password}"\nfrom ${user}\n`,
      { mode: 0o600 },
    )
    await run('sh', ['-c', `msmtp -C '${config}' -- bob@example.com carol@example.com < '${file}'`])
  }

const python = (tls: 'starttls' | 'tls') => `
import smtplib, ssl, sys
host, port, user, password, file = sys.argv[1:]
context = ssl._create_unverified_context()
client = smtplib.${tls === 'tls' ? 'SMTP_SSL(host, int(port), context=context)' : 'SMTP(host, int(port))'}
${tls === 'tls' ? '' : 'client.starttls(context=context)'}
client.login(user, password)
client.sendmail(user, ['bob@example.com', 'carol@example.com'], open(file).read())
client.quit()
`

const smtplib =
  (tls: 'starttls' | 'tls'): Client['send'] =>
  async ({ house, file }) => {
    const { host, port } = tls === 'tls' ? house.smtps : house.smtp
    await run('python3', ['-c', python(tls), host, String(port), user, password, file])
  }

const swaks =
  (tls: string, auth: string): Client['send'] =>
  async ({ house, file }) => {
    const { host, port } = tls === '--tlsc' ? house.smtps : house.smtp
    await run('swaks', [
      tls,
      '--server',
      `${host}:${port}`,
      '--auth',
      auth,
      '--auth-user',
      user,
      '--auth-password',
      password,
      '--from',
      user,
      '--to',
      'bob@example.com,carol@example.com',
      '--data',
      `@${file}`,
      '--pipeline',
    ])
  }

/** swaks may be there without its TLS. */
const swaksWithTls = ['-MNet::SSLeay', '-e', 'exit system(q(swaks --version > /dev/null)) >> 8']

const clients: readonly (Client & { name: string })[] = [
  {
    name: 'msmtp with PLAIN over STARTTLS',
    program: 'msmtp',
    probe: ['--version'],
    send: msmtp('starttls', 'plain'),
  },
  { name: 'msmtp with LOGIN over TLS', program: 'msmtp', probe: ['--version'], send: msmtp('tls', 'login') },
  {
    name: "Python's smtplib over STARTTLS",
    program: 'python3',
    probe: ['-c', 'import ssl'],
    send: smtplib('starttls'),
  },
  {
    name: "Python's smtplib over TLS",
    program: 'python3',
    probe: ['-c', 'import ssl'],
    send: smtplib('tls'),
  },
  {
    name: 'swaks, pipelining, with LOGIN over STARTTLS',
    program: 'perl',
    probe: swaksWithTls,
    send: swaks('--tls', 'LOGIN'),
  },
  {
    name: 'swaks, pipelining, with PLAIN over TLS',
    program: 'perl',
    probe: swaksWithTls,
    send: swaks('--tlsc', 'PLAIN'),
  },
]

for (const { name, program, probe, send } of clients)
  test(`${name} sends`, { timeout: 180_000 }, async (t) => {
    const isHere = await run(program, [...probe]).then(
      () => true,
      () => false,
    )
    if (!isHere) return t.skip(`no ${program} here`)
    const dir = await mkdtemp(join(tmpdir(), 'postern-client-'))
    t.after(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }))
    const file = join(dir, 'letter')
    await writeFile(file, letter)
    const house = await openPostHouse(t)
    await send({ house, dir, file })
    assertSent(house.outbox)
  })

function assertSent(outbox: MemoryOutbox): void {
  assert.deepEqual(outbox.sent[0]?.recipients, ['bob@example.com', 'carol@example.com'])
  assert.match(outbox.text, /^Bcc: carol@example\.com\r\n/m)
  assert.ok(outbox.text.includes('\r\n\r\nline\r\n.\r\n..dots\r\n.end\r\n'), outbox.text)
}
