import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { systemClock } from '#mail/surroundings.ts'
import { Authority } from './authority.ts'
import { ownPair } from './own-pair.ts'
import { openssl } from './testing/openssl.ts'

/** Made by the code that wrote DER by hand, until November 2026. Its key vouches for nothing. */
const oldHouse = join(import.meta.dirname, 'testing/authority-of-version-0')
const oldDay = Date.parse('2027-06-01')

/** A data folder as the first version left it. */
async function oldFolder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-upgrade-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  for (const name of ['authority.json', 'tls-certificate.pem', 'tls-key.pem'])
    await copyFile(join(oldHouse, name), join(dir, name))
  return dir
}

function keyIdIn(file: string, extension: string): string | undefined {
  const text = openssl('x509', '-noout', '-ext', extension, '-in', file)?.text ?? ''
  return /\b[0-9A-F]{2}(?::[0-9A-F]{2}){19}\b/.exec(text)?.[0]
}

test('an authority of the first version is kept, and what it issues now is good to who trusts it', async (t) => {
  const dataDir = await oldFolder(t)
  const clock = { ...systemClock, now: () => oldDay }
  const old = JSON.parse(await readFile(join(oldHouse, 'authority.json'), 'utf8')) as { certificate: string }
  const { authority } = await ownPair(dataDir, { clock })
  assert.equal(authority.certificate, old.certificate)
  const names = ['localhost', '127.0.0.1', '::1', 'old-house'] as const
  const certFile = join(dataDir, 'again.pem')
  const { certificate } = await authority.issue(names, oldDay)
  await writeFile(certFile, certificate)
  const issued = new X509Certificate(certificate)
  assert.ok(authority.isGood(issued, names, oldDay))
  const caFile = join(dataDir, 'ca.pem')
  await writeFile(caFile, old.certificate)
  const at = ['-attime', String(oldDay / 1000)]
  // The key identifiers must fit as well: with -x509_strict OpenSSL looks for them, and by them.
  const verified = openssl(
    'verify',
    '-x509_strict',
    ...at,
    '-purpose',
    'sslserver',
    '-CAfile',
    caFile,
    certFile,
  )
  if (verified === undefined) return t.skip('openssl is not installed')
  assert.ok(verified.ok, verified.text)
  assert.ok(keyIdIn(caFile, 'subjectKeyIdentifier') !== undefined)
  assert.equal(keyIdIn(certFile, 'authorityKeyIdentifier'), keyIdIn(caFile, 'subjectKeyIdentifier'))
})

test('a pair of the first version that is still good is used as it is', async (t) => {
  const dataDir = await oldFolder(t)
  const authority = await Authority.open(dataDir, {
    clock: { ...systemClock, now: () => oldDay },
    needed: ['localhost', '127.0.0.1', '::1'],
    wished: [],
  })
  const old = new X509Certificate(await readFile(join(oldHouse, 'tls-certificate.pem')))
  assert.ok(
    authority.isGood(old, authority.permitted(['localhost', '127.0.0.1', '::1', 'old-house']), oldDay),
  )
})
