import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { control, freePorts, startPostern, withFolder } from '../postern.ts'
import type { Running } from '../postern.ts'
import { without } from '../program.ts'
import { Collector } from './collector.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
const address = 'demo@gmail.test'

interface Report {
  readonly exitCode: number
  readonly findings: ReadonlyMap<string, { ok: boolean; text: string }>
}

let google: Running
before(async () => {
  google = await startPostern(['simulator'])
})
after(async () => {
  await google.kill()
})

/** A service account that Google knows, and where its key lies. */
async function robotsKey(dir: string): Promise<Record<string, string>> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const email = 'postern@mine.iam.gserviceaccount.com'
  await control(google.ready, 'addServiceAccount', {
    email,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
  })
  const path = join(dir, 'robot.json')
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
  writeFileSync(path, JSON.stringify({ type: 'service_account', client_email: email, private_key: key }))
  return { POSTERN_PUBSUB_KEY_FILE: path }
}

/** An installation that lacks nothing. */
function healthy(dir: string, from: Running = google): Record<string, string> {
  const { simulator } = from.ready
  const accounts = join(dir, 'accounts.json')
  const auth = { refreshToken: simulator.refreshToken }
  writeFileSync(accounts, JSON.stringify({ accounts: [{ email: address, auth, passwords: [] }] }))
  return {
    ...freePorts,
    POSTERN_DATA_DIR: join(dir, 'data'),
    POSTERN_ACCOUNTS_FILE: accounts,
    POSTERN_GMAIL_API_URL: simulator.url,
    POSTERN_GOOGLE_AUTH_URL: simulator.url,
    POSTERN_GOOGLE_TOKEN_URL: simulator.url,
    GOOGLE_CLIENT_ID: simulator.clientId,
    GOOGLE_CLIENT_SECRET: simulator.clientSecret,
  }
}

async function doctor(environment: Record<string, string>): Promise<Report> {
  const { exitCode, stdout } = await new Promise<{ exitCode: number; stdout: string }>((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: '', ...environment }
    execFile(process.execPath, [main, 'doctor', '--json'], { env, cwd: import.meta.dirname }, (error, out) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout: out }),
    )
  })
  const findings = JSON.parse(stdout) as { check: string; ok: boolean; text: string }[]
  return { exitCode, findings: new Map(findings.map(({ check, ...rest }) => [check, rest])) }
}

/** Breaks one thing of a healthy installation: exactly that check must fail, with these words. */
function fails(
  name: string,
  check: string | ((environment: Record<string, string>) => string),
  words: RegExp,
  spoil: (dir: string, t: TestContext) => Promise<Record<string, string>> | Record<string, string>,
  skip: string | false = false,
): void {
  test(`doctor: ${name}`, { skip }, async (t) => {
    await withFolder(async (dir) => {
      const environment = { ...healthy(dir), ...(await spoil(dir, t)) }
      const { exitCode, findings } = await doctor(environment)
      assert.equal(exitCode, 1)
      const wrong = [...findings].filter(([, { ok }]) => !ok)
      const expected = typeof check === 'string' ? check : check(environment)
      assert.deepEqual(
        wrong.map(([one]) => one),
        [expected],
        JSON.stringify([...findings]),
      )
      assert.match(wrong[0]?.[1].text ?? '', words)
    })
  })
}

/** Asks the doctor again and again until its word on the account is this one, no longer than the test may take. */
async function untilAccount(ok: boolean, environment: Record<string, string>): Promise<Report> {
  for (;;) {
    const report = await doctor(environment)
    if (report.findings.get(address)?.ok === ok) return report
  }
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' })
}

function certificate(dir: string, name: string, days: number): { cert: string; key: string } {
  const cert = join(dir, `${name}.crt`)
  const key = join(dir, `${name}.key`)
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...algorithm, '-keyout', key, '-out', cert, '-subj', '/CN=mail.test', '-days', '30')
  openssl('x509', '-in', cert, '-signkey', key, '-days', `${days}`, '-out', cert)
  return { cert, key }
}

test('doctor: an installation that lacks nothing passes every check', async () => {
  await withFolder(async (dir) => {
    const { exitCode, findings } = await doctor({ ...healthy(dir), POSTERN_IMAP_PORT: '0' })
    assert.deepEqual(
      [...findings].filter(([, { ok }]) => !ok),
      [],
    )
    assert.equal(exitCode, 0)
    for (const check of [
      'configuration',
      'data folder',
      'room on the disk',
      'certificate',
      'pages',
      'clock',
      'store',
    ])
      assert.ok(findings.has(check), check)
  })
})

fails(
  'a variable with a bad value is named, and how it is right',
  'configuration',
  /^POSTERN_IMAP_PORT: "imap" is no port: .*for example POSTERN_IMAP_PORT=1143$/,
  () => ({ POSTERN_IMAP_PORT: 'imap' }),
)

test('doctor: a data folder that cannot be made', async () => {
  await withFolder(async (dir) => {
    writeFileSync(join(dir, 'file'), '')
    const { exitCode, findings } = await doctor({
      ...healthy(dir),
      POSTERN_DATA_DIR: join(dir, 'file', 'in'),
    })
    assert.equal(exitCode, 1)
    assert.match(findings.get('data folder')?.text ?? '', /cannot be made \(ENOTDIR\)\. Set POSTERN_DATA_DIR/)
  })
})

fails(
  'a data folder that others can read',
  'data folder',
  /can be read by others on this machine\. Run: chmod 700 /,
  (dir) => {
    mkdirSync(join(dir, 'data'), { mode: 0o755 })
    return {}
  },
  process.platform === 'win32' && 'no modes on Windows',
)

fails(
  'a disk that is nearly full',
  'room on the disk',
  /^\d+ MiB are free and the index alone may need 256 MiB\. Make room, or move POSTERN_DATA_DIR$/,
  (_, t) => {
    const small = mkdtempSync(join(tmpdir(), 'postern-small-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m,mode=700', 'tmpfs', small])
    t.after(() => {
      execFileSync('umount', [small])
      rmdirSync(small)
    })
    return { POSTERN_DATA_DIR: small }
  },
  !(process.platform === 'linux' && process.getuid?.() === 0) && 'only root on Linux can mount a small disk',
)

for (const variable of [
  'POSTERN_IMAP_PORT',
  'POSTERN_POP3S_PORT',
  'POSTERN_SMTP_PORT',
  'POSTERN_WEB_PORT',
  'POSTERN_SCANNER_PORT',
])
  fails(
    `a port that another program uses, ${variable}`,
    (environment) => `port ${environment[variable]}`,
    new RegExp(`another program uses it\\. End that, or set ${variable} to another number`),
    async (_, t) => {
      const server = createServer()
      t.after(() => server.close())
      return { [variable]: String(await portOf(server)) }
    },
  )

test('doctor: an address that this machine does not have', async () => {
  await withFolder(async (dir) => {
    const host = { POSTERN_HOST: '192.0.2.1', POSTERN_IMAP_PORT: '31143' }
    const { exitCode, findings } = await doctor({ ...healthy(dir), ...host })
    assert.equal(exitCode, 1)
    assert.match(
      findings.get('port 31143')?.text ?? '',
      /no such address\. Set POSTERN_HOST to one that it has/,
    )
  })
})

const noOpenssl = without('openssl')
fails(
  'a certificate file that is not there',
  'certificate',
  /none\.crt cannot be read \(ENOENT\)\. Set POSTERN_TLS_CERT/,
  (dir) => ({ POSTERN_TLS_CERT: join(dir, 'none.crt'), POSTERN_TLS_KEY: join(dir, 'none.key') }),
)
fails('a certificate file that holds none', 'certificate', /is no certificate in PEM/, (dir) => {
  writeFileSync(join(dir, 'a.crt'), 'hello')
  return { POSTERN_TLS_CERT: join(dir, 'a.crt'), POSTERN_TLS_KEY: join(dir, 'a.crt') }
})
fails(
  "another certificate's key",
  'certificate',
  /two\.key is not the key of .*one\.crt/,
  (dir) => ({
    POSTERN_TLS_CERT: certificate(dir, 'one', 30).cert,
    POSTERN_TLS_KEY: certificate(dir, 'two', 30).key,
  }),
  noOpenssl,
)
for (const [days, words] of [
  [0, /ended on .*Put a new one there; it is taken up without a restart$/],
  [5, /ends in [45] days .*Put a new one there/],
] as const)
  fails(
    `a certificate of ${days} days`,
    'certificate',
    words,
    (dir) => {
      const { cert, key } = certificate(dir, 'short', days)
      return { POSTERN_TLS_CERT: cert, POSTERN_TLS_KEY: key }
    },
    noOpenssl,
  )

fails('an admin password that is too short', 'pages', /at least 12 characters/, (dir) => {
  writeFileSync(join(dir, 'admin'), 'sesame\n')
  return { POSTERN_ADMIN_PASSWORD_FILE: join(dir, 'admin') }
})
fails('an admin password file that is not there', 'pages', /none cannot be read \(ENOENT\)/, (dir) => ({
  POSTERN_ADMIN_PASSWORD_FILE: join(dir, 'none'),
}))
fails('a spoilt file of the own admin password', 'pages', /holds no admin password\. Remove it/, (dir) => {
  mkdirSync(join(dir, 'data'), { mode: 0o700 })
  writeFileSync(join(dir, 'data', 'admin-password.hash'), 'sesame')
  return { POSTERN_WEB_PUBLIC_URL: 'https://mail.test' }
})
fails(
  'a certificate that does not name the address of the pages',
  'pages',
  /one\.crt does not name postern\.test, so browsers will refuse it/,
  (dir) => {
    const { cert, key } = certificate(dir, 'one', 30)
    const pages = { POSTERN_WEB_TLS: 'on', POSTERN_WEB_PUBLIC_URL: 'https://postern.test' }
    return { POSTERN_TLS_CERT: cert, POSTERN_TLS_KEY: key, ...pages }
  },
  noOpenssl,
)
fails(
  'pages that would be open to the network without TLS',
  'configuration',
  /^POSTERN_WEB_TLS: off would let passwords cross the network in clear from 0\.0\.0\.0/,
  () => ({ POSTERN_WEB_HOST: '0.0.0.0', POSTERN_WEB_TLS: 'off' }),
)

fails('no Google client', 'Google client', /GOOGLE_CLIENT_ID is not set.*README/, (dir) => ({
  ...headless(dir),
}))
/** No browser client, and accounts only in the store. */
function headless(dir: string): Record<string, string> {
  mkdirSync(join(dir, 'data'), { mode: 0o700 })
  return { GOOGLE_CLIENT_ID: '', GOOGLE_CLIENT_SECRET: '', POSTERN_ACCOUNTS_FILE: '' }
}

for (const [check, variable] of [
  ['Google sign-in', 'POSTERN_GOOGLE_TOKEN_URL'],
  ['Gmail API', 'POSTERN_GMAIL_API_URL'],
] as const)
  fails(
    `${check} that does not answer`,
    check,
    /^127\.0\.0\.1:1 does not answer \(ECONNREFUSED\)\. Check the network, a firewall, and HTTPS_PROXY$/,
    () => ({ [variable]: 'http://127.0.0.1:1' }),
  )

fails(
  'a clock that is an hour off',
  'clock',
  /^is 3[56]\d\d s ahead of Google's, and tokens need it right\. Set this machine's clock/,
  async (_, t) => {
    const server = createHttpServer((_request, response) => {
      response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString()).end('{}')
    })
    t.after(() => server.close())
    return { POSTERN_GMAIL_API_URL: `http://127.0.0.1:${await portOf(server)}` }
  },
)

const told = {
  POSTERN_PUBSUB_TOPIC: 'projects/mine/topics/gmail',
  POSTERN_PUBSUB_SUBSCRIPTION: 'projects/mine/subscriptions/postern',
}

fails(
  'a subscription whose key file is not there',
  'Pub/Sub',
  /^projects\/mine\/subscriptions\/postern cannot be read: .*\(ENOENT\)\. Check that POSTERN_PUBSUB_KEY_FILE/,
  (dir) => ({ ...told, POSTERN_PUBSUB_KEY_FILE: join(dir, 'no-key.json') }),
)
for (const [status, words] of [
  [403, /answered 403\. Give the service account the role Pub\/Sub Subscriber/],
  [404, /answered 404\. POSTERN_PUBSUB_SUBSCRIPTION: there is no such subscription/],
] as const)
  fails(`a subscription that answers ${status}`, 'Pub/Sub', words, async (dir, t) => {
    const server = createHttpServer((_request, response) => void response.writeHead(status).end('{}'))
    t.after(() => server.close())
    return {
      ...told,
      ...(await robotsKey(dir)),
      POSTERN_PUBSUB_URL: `http://127.0.0.1:${await portOf(server)}`,
    }
  })

test('doctor: a subscription that can be read, and a collector that takes traces', async () => {
  await using collector = await Collector.listen()
  await withFolder(async (dir) => {
    const { exitCode, findings } = await doctor({
      ...healthy(dir),
      ...told,
      ...(await robotsKey(dir)),
      POSTERN_PUBSUB_URL: google.ready.simulator.url,
      POSTERN_TRACE_URL: collector.url,
    })
    assert.equal(exitCode, 0, JSON.stringify([...findings]))
    assert.match(findings.get('Pub/Sub')?.text ?? '', /can be read$/)
    assert.match(findings.get('traces')?.text ?? '', /^the collector at 127\.0\.0\.1:\d+ takes them$/)
  })
})

fails(
  'a collector that does not answer',
  'traces',
  /^The collector at 127\.0\.0\.1:1 does not answer \(.+\)\. Start it, or set POSTERN_TRACE_URL/,
  () => ({ POSTERN_TRACE_URL: 'http://127.0.0.1:1/v1/traces' }),
)
for (const [status, words] of [
  [401, /answers 401\. Put what it wants to see into the file of POSTERN_TRACE_HEADERS_FILE$/],
  [404, /answers 404 and takes no traces\. Set POSTERN_TRACE_URL to its OTLP\/HTTP address/],
] as const)
  fails(`a collector that answers ${status}`, 'traces', words, async (_, t) => {
    const server = createHttpServer((_request, response) => void response.writeHead(status).end('{}'))
    t.after(() => server.close())
    return { POSTERN_TRACE_URL: `http://127.0.0.1:${await portOf(server)}/` }
  })

fails('an accounts file that is no JSON', 'accounts file', /accounts\.json/, (dir) => {
  const path = join(dir, 'broken-accounts.json')
  writeFileSync(path, '{"accounts":[')
  return { POSTERN_ACCOUNTS_FILE: path }
})

test('doctor: a damaged store, and the way out of it', async () => {
  await withFolder(async (dir) => {
    const environment = healthy(dir)
    const bridge = await startPostern(['serve'], environment)
    await bridge.stop()
    // What SQLite has not yet moved into the file would heal it.
    rmSync(join(dir, 'data', 'postern.db-wal'), { force: true })
    // The page that names the tables: the file may have no other yet.
    const path = join(dir, 'data', 'postern.db')
    writeFileSync(path, readFileSync(path).fill(0x55, 200, 4096))
    const { exitCode, findings } = await doctor(environment)
    assert.equal(exitCode, 1)
    assert.match(findings.get('store')?.text ?? '', /postern store repair/)
  })
})

test('doctor: a grant that Google has ended, while Postern runs and while it does not', async (t) => {
  await withFolder(async (dir) => {
    const other = await startPostern(['simulator'])
    t.after(() => other.kill())
    const environment = { ...healthy(dir, other), POSTERN_POLL_SECONDS: '1' }
    const bridge = await startPostern(['serve'], environment)
    t.after(() => bridge.kill())
    await untilAccount(true, environment)
    await control(other.ready, 'revoke')
    const live = await untilAccount(false, environment)
    assert.equal(live.exitCode, 1)
    assert.match(live.findings.get(address)?.text ?? '', /http:\/\/127/)
    await bridge.stop()
    const offline = await doctor(environment)
    assert.equal(offline.exitCode, 1)
    assert.match(offline.findings.get(address)?.text ?? '', /Connect the account again/)
  })
})
