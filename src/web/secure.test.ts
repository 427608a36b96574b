import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { pressConsentFor } from '#auth/testing/person.ts'
import { systemClock } from '#mail/surroundings.ts'
import type { Log } from '#mail/surroundings.ts'
import { loadCertificate } from '#wire/certificate.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import { call } from './testing/caller.ts'
import { adminPassword, startPages } from './testing/pages.ts'
import type { PagesForTests } from './testing/pages.ts'

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-secure-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

interface SecurePages extends PagesForTests {
  readonly ca: string
  /** With the path, without TLS on the same port. */
  readonly plain: (path: string) => string
}

async function startSecure(t: TestContext, source?: CertificateSource): Promise<SecurePages> {
  const certificate =
    source ?? (await loadCertificate({ dataDir: await folder(t), clock: systemClock, log: quiet }))
  const pages = await startPages(t, { tls: () => certificate.current() })
  const { authority = '' } = await certificate.current()
  return {
    ...pages,
    ca: authority,
    plain: (path) => new URL(path, pages.web.url.replace('https:', 'http:')).href,
  }
}

/** Name and value of the cookies that an answer sets. */
function cookiesOf(headers: { 'set-cookie'?: string[] | undefined }): string {
  return (headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ')
}

function formHeaders(origin: string): Record<string, string> {
  return { 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-site': 'same-origin' }
}

async function signIn({ web, ca }: SecurePages): Promise<string> {
  const headers = formHeaders(web.url.replace(/\/$/, ''))
  const body = new URLSearchParams({ password: adminPassword }).toString()
  const answer = await call(new URL('/sign-in', web.url), { method: 'POST', headers, body, ca })
  assert.equal(answer.status, 303, answer.text)
  return cookiesOf(answer.headers)
}

test('the pages speak TLS to who trusts the authority, and keep their cookie to it', async (t) => {
  const pages = await startSecure(t)
  const { web, ca } = pages
  assert.match(web.url, /^https:\/\/127\.0\.0\.1:\d+\/$/)
  assert.equal((await call(web.url, { ca })).status, 401)
  await assert.rejects(call(web.url), /self-signed|unable to verify/)
  const headers = formHeaders(web.url.replace(/\/$/, ''))
  const body = new URLSearchParams({ password: adminPassword }).toString()
  const entered = await call(new URL('/sign-in', web.url), { method: 'POST', headers, body, ca })
  assert.match(
    entered.headers['set-cookie']?.join() ?? '',
    /^__Host-postern_visitor=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  )
  const cookie = cookiesOf(entered.headers)
  assert.match((await call(web.url, { ca, headers: { cookie } })).text, /Your mailboxes/)
  const withoutPrefix = cookie.replace('__Host-', '')
  assert.equal((await call(web.url, { ca, headers: { cookie: withoutPrefix } })).status, 401)
})

test('a form from the same place without TLS is refused', async (t) => {
  const { web, ca, plain } = await startSecure(t)
  const headers = formHeaders(plain('/').replace(/\/$/, ''))
  const body = new URLSearchParams({ password: adminPassword }).toString()
  const answer = await call(new URL('/sign-in', web.url), { method: 'POST', headers, body, ca })
  assert.equal(answer.status, 403)
})

test('older TLS than 1.2 is refused', async (t) => {
  const { web, ca } = await startSecure(t)
  const { port } = new URL(web.url)
  const old = { ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
  const socket = connectTls({ host: '127.0.0.1', port: Number(port), ...old })
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  assert.match(String(error.code), /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|ECONNRESET/)
})

test('who comes without TLS is led to the same address with it, and a form is not taken', async (t) => {
  const { web, plain } = await startSecure(t)
  const led = await call(plain('/clients?account=a'))
  assert.equal(led.status, 307)
  assert.equal(led.headers.location, `${web.url}clients?account=a`)
  assert.equal(led.headers['referrer-policy'], 'no-referrer')
  assert.match(String(led.headers['content-security-policy']), /default-src 'none'/)
  const body = new URLSearchParams({ password: adminPassword }).toString()
  const form = await call(plain('/sign-in'), { method: 'POST', headers: formHeaders(plain('/')), body })
  assert.deepEqual(
    [form.status, form.headers.location, form.headers['set-cookie']],
    [400, undefined, undefined],
  )
  for (const host of ['evil.example', 'evil.example:8025', 'a b'])
    assert.ok([400, 421].includes((await call(plain('/'), { headers: { host } })).status), host)
  const long = await call(plain(`/?${'x'.repeat(9_000)}`))
  assert.equal(long.status, 414)
})

test('Google’s answer over http:// loopback goes on by TLS and connects', async (t) => {
  const pages = await startSecure(t)
  const { web, ca, google, store } = pages
  const cookie = await signIn(pages)
  const overview = await call(web.url, { ca, headers: { cookie } })
  const token = /name="token" value="([^"]+)"/.exec(overview.text)?.[1] ?? ''
  const begun = await call(new URL('/connect', web.url), {
    method: 'POST',
    headers: { ...formHeaders(web.url.replace(/\/$/, '')), cookie },
    body: new URLSearchParams({ token, access: 'modify' }).toString(),
    ca,
  })
  const back = await pressConsentFor(google.base, begun.headers.location ?? '', 'allow', {})
  assert.match(back, /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback\?/)
  const led = await call(`${back}&x="><b>`)
  assert.equal(led.status, 200)
  assert.equal(led.headers['referrer-policy'], 'no-referrer')
  assert.doesNotMatch(led.text, /<b>/)
  const onward = /content="0; url=(https:[^"]+)"/.exec(led.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const flow = cookiesOf(begun.headers)
  assert.match(begun.headers['set-cookie']?.join() ?? '', /; SameSite=Lax; Secure; Max-Age=/)
  const done = await call(onward, { ca, headers: { cookie: flow } })
  assert.equal(done.headers.location, '/shown', done.text)
  assert.equal((await store.accounts()).length, 1)
})

test('a changed certificate is used for the next connection', async (t) => {
  const [one, two] = [await folder(t), await folder(t)]
  const clock = { ...systemClock, ahead: 0, monotonicMs: () => performance.now() + clock.ahead }
  const options = { clock, log: quiet }
  await loadCertificate({ dataDir: one, ...options })
  const other = await (await loadCertificate({ dataDir: two, ...options })).current()
  const files = { certFile: join(one, 'tls-certificate.pem'), keyFile: join(one, 'tls-key.pem') }
  const source = await loadCertificate({ ...files, dataDir: one, ...options })
  const { web } = await startSecure(t, source)
  const first = await source.current()
  // Either authority is trusted.
  const ca = `${first.certificate}${other.certificate}`
  assert.equal((await call(web.url, { ca })).fingerprint256, first.fingerprint256)
  await copyFile(join(two, 'tls-key.pem'), files.keyFile)
  await copyFile(join(two, 'tls-certificate.pem'), files.certFile)
  clock.ahead += 2_000
  assert.equal((await call(web.url, { ca })).fingerprint256, other.fingerprint256)
})

test('who says nothing, half a handshake or nonsense neither stops the pages nor their end', async (t) => {
  const { web, ca } = await startSecure(t)
  const { port } = new URL(web.url)
  const beginnings = [
    Buffer.alloc(0),
    Buffer.of(0x16, 3, 1),
    Buffer.of(0x16, 0, 0, 0, 0),
    Buffer.from('GET / HT'),
  ]
  const strangers = beginnings.map((bytes) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => {})
    socket.resume().write(bytes)
    return socket
  })
  await Promise.all(strangers.map((socket) => once(socket, 'connect')))
  const nonsense = connect(Number(port), '127.0.0.1')
  nonsense.on('error', () => {})
  nonsense.resume().write(Buffer.from([0, 255, 254, 10, 13, 10, 13, 10]))
  await once(nonsense, 'close')
  assert.equal((await call(new URL('/healthz', web.url), { ca })).status, 200)
  const gone = strangers.map((socket) => (socket.destroyed ? Promise.resolve() : once(socket, 'close')))
  await web.close()
  await Promise.all(gone)
})

test('behind a proxy that speaks TLS its name and origin are ours, and nothing that anybody can send', async (t) => {
  const { web } = await startPages(t, { publicUrl: new URL('https://mail.example.org') })
  const enter = (headers: Record<string, string>) =>
    call(new URL('/sign-in', web.url), {
      method: 'POST',
      headers: { ...formHeaders('https://mail.example.org'), ...headers },
      body: new URLSearchParams({ password: adminPassword }).toString(),
    })
  const entered = await enter({ host: 'mail.example.org' })
  assert.equal(entered.status, 303)
  assert.match(entered.headers['set-cookie']?.join() ?? '', /^__Host-postern_visitor=.*; Secure$/)
  const headers = { host: 'mail.example.org', cookie: cookiesOf(entered.headers) }
  const guide = await call(new URL('/clients/mutt', web.url), { headers })
  assert.equal(guide.status, 200)
  // A proxy that sends its own name for us: forms are ours still.
  assert.equal((await enter({})).status, 303)
  for (const host of ['evil.example', 'x.mail.example.org', 'mail.example.org.evil.example'])
    assert.equal((await call(web.url, { headers: { host } })).status, 421, host)
  const forwarded = { 'x-forwarded-host': 'mail.example.org', 'x-forwarded-proto': 'https' }
  assert.equal((await call(web.url, { headers: { host: 'evil.example', ...forwarded } })).status, 421)
  const led = await enter({ ...forwarded, origin: 'https://evil.example' })
  assert.equal(led.status, 403)
})
