import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { copyFile, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { systemClock } from '#mail/surroundings.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import { CertificateError, loadCertificate } from './certificate.ts'

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-certificate-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** The machine's clock, moved by hand. */
function movedClock(): Clock & { ahead: number } {
  const clock = {
    ...systemClock,
    ahead: 0,
    now: () => Date.now() + clock.ahead,
    monotonicMs: () => performance.now() + clock.ahead,
  }
  return clock
}

test('an own pair is made once, names this machine, and is kept', async (t) => {
  const dataDir = await folder(t)
  const source = await loadCertificate({ dataDir, clock: systemClock, log: quiet })
  const { certificate, authority, fingerprint256, expiresAt } = await source.current()
  const names = new X509Certificate(certificate).subjectAltName ?? ''
  for (const name of ['DNS:localhost', 'IP Address:127.0.0.1', 'IP Address:0:0:0:0:0:0:0:1'])
    assert.ok(names.includes(name), names)
  assert.ok(authority !== undefined && certificate.endsWith(authority))
  const days = (expiresAt - Date.now()) / 86_400_000
  assert.ok(days > 800 && days < 825, `${days}`)
  if (process.platform !== 'win32')
    assert.equal((await stat(join(dataDir, 'tls-key.pem'))).mode & 0o777, 0o600)
  const again = await loadCertificate({ dataDir, clock: systemClock, log: quiet })
  assert.equal((await again.current()).fingerprint256, fingerprint256)
})

test('a pair that does not fit together is made anew', async (t) => {
  const [one, two] = [await folder(t), await folder(t)]
  const options = { clock: systemClock, log: quiet }
  const first = await (await loadCertificate({ dataDir: one, ...options })).current()
  await loadCertificate({ dataDir: two, ...options })
  await copyFile(join(two, 'tls-key.pem'), join(one, 'tls-key.pem'))
  const next = await (await loadCertificate({ dataDir: one, ...options })).current()
  assert.notEqual(next.fingerprint256, first.fingerprint256)
})

test('a pair near its end is renewed without a restart, and by the same authority', async (t) => {
  const dataDir = await folder(t)
  const clock = movedClock()
  const source = await loadCertificate({ dataDir, clock, log: quiet })
  const before = await source.current()
  clock.ahead = 790 * 86_400_000
  assert.equal((await source.current()).fingerprint256, before.fingerprint256)
  clock.ahead = 800 * 86_400_000
  const after = await source.current()
  assert.equal(after.authority, before.authority)
  assert.notEqual(after.fingerprint256, before.fingerprint256)
  assert.ok(after.expiresAt > clock.now())
})

test('changed files are used at the next handshake; a half-written pair is not', async (t) => {
  const [one, two] = [await folder(t), await folder(t)]
  await loadCertificate({ dataDir: one, clock: systemClock, log: quiet })
  const other = await (await loadCertificate({ dataDir: two, clock: systemClock, log: quiet })).current()
  const certFile = join(one, 'tls-certificate.pem')
  const keyFile = join(one, 'tls-key.pem')
  const clock = movedClock()
  const source = await loadCertificate({ certFile, keyFile, dataDir: one, clock, log: quiet })
  const first = await source.current()
  assert.equal(first.authority, undefined)
  await copyFile(join(two, 'tls-certificate.pem'), certFile)
  await utimes(certFile, 1, 1)
  clock.ahead += 2_000
  assert.equal((await source.current()).fingerprint256, first.fingerprint256)
  await copyFile(join(two, 'tls-key.pem'), keyFile)
  clock.ahead += 2_000
  assert.equal((await source.current()).fingerprint256, other.fingerprint256)
})

test('files that cannot be used stop the start and are named', async (t) => {
  const dataDir = await folder(t)
  const certFile = join(dataDir, 'a.pem')
  const options = { certFile, keyFile: certFile, dataDir, clock: systemClock, log: quiet }
  await assert.rejects(
    loadCertificate(options),
    (error) => error instanceof CertificateError && error.message.includes(certFile),
  )
  await writeFile(certFile, 'not a certificate')
  await assert.rejects(loadCertificate(options), CertificateError)
  await assert.rejects(loadCertificate({ ...options, keyFile: undefined }), CertificateError)
})
