import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect, createServer } from 'node:tls'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { systemClock } from '#mail/surroundings.ts'
import { bears } from './authority.ts'
import { ownPair } from './own-pair.ts'
import { openssl } from './testing/openssl.ts'

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-authority-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

test('who trusts the authority trusts the server by each of its names', async (t) => {
  const dataDir = await folder(t)
  const pair = await ownPair(dataDir, {
    clock: systemClock,
    names: ['mail.Example.test', '192.0.2.7', '2001:db8::7'],
  })
  const [cert, key] = await Promise.all([readFile(pair.certFile, 'utf8'), readFile(pair.keyFile, 'utf8')])
  const server = createServer({ cert, key }, (socket) => socket.end())
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const host of ['localhost', '127.0.0.1', '::1', 'mail.example.test', '192.0.2.7', '2001:db8::7']) {
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca: pair.authority.certificate,
      servername: 'localhost',
      checkServerIdentity: () => undefined,
    })
    await once(socket, 'secureConnect')
    assert.ok(socket.authorized, String(socket.authorizationError))
    const own = socket.getPeerX509Certificate()
    assert.ok(own !== undefined)
    assert.ok(bears(own, host), host)
    socket.destroy()
  }
})

test('openssl finds the chain good, and refuses what the authority may not vouch for', async (t) => {
  const dataDir = await folder(t)
  const { authority, certFile } = await ownPair(dataDir, {
    clock: systemClock,
    names: ['192.0.2.7', '2001:db8::7'],
  })
  const caFile = join(dataDir, 'ca.pem')
  await writeFile(caFile, authority.certificate)
  const verified = openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', caFile, certFile)
  if (verified === undefined) return t.skip('openssl is not installed')
  assert.ok(verified.ok, verified.text)
  for (const name of ['gmail.com', '192.0.2.8', '2001:db8::8', 'notlocalhost']) {
    const forged = join(dataDir, 'forged.pem')
    await writeFile(forged, (await authority.issue([name], Date.now())).certificate)
    const answer = openssl('verify', '-CAfile', caFile, forged)
    assert.match(answer?.text ?? '', /permitted subtree violation/, name)
  }
})

test('the authority is kept, its file is the owner’s alone, and a new name makes a new one', async (t) => {
  const dataDir = await folder(t)
  const first = (await ownPair(dataDir, { clock: systemClock })).authority.certificate
  assert.equal((await ownPair(dataDir, { clock: systemClock })).authority.certificate, first)
  if (process.platform !== 'win32')
    assert.equal((await stat(join(dataDir, 'authority.json'))).mode & 0o777, 0o600)
  assert.notEqual(
    (await ownPair(dataDir, { clock: systemClock, names: ['10.0.0.1'] })).authority.certificate,
    first,
  )
  // The addresses that mean all addresses are nobody’s.
  const all = await ownPair(dataDir, { clock: systemClock, names: ['0.0.0.0'] })
  assert.doesNotMatch(new X509Certificate(await readFile(all.certFile)).subjectAltName ?? '', /0\.0\.0\.0/)
})

test('a file that cannot be used is made anew', async (t) => {
  const dataDir = await folder(t)
  const first = (await ownPair(dataDir, { clock: systemClock })).authority.certificate
  await writeFile(join(dataDir, 'authority.json'), '{"certificate":"cut')
  const { authority, certFile } = await ownPair(dataDir, { clock: systemClock })
  assert.notEqual(authority.certificate, first)
  assert.ok(
    new X509Certificate(await readFile(certFile)).checkIssued(new X509Certificate(authority.certificate)),
  )
})

function days(one: X509Certificate): number {
  return (one.validToDate.getTime() - one.validFromDate.getTime()) / 86_400_000
}

test('what is issued has the values that programs ask for', async (t) => {
  const dataDir = await folder(t)
  const { authority, certFile } = await ownPair(dataDir, { clock: systemClock })
  const server = new X509Certificate(await readFile(certFile))
  const own = new X509Certificate(authority.certificate)
  assert.equal(days(server), 825)
  assert.equal(days(own), 3651)
  for (const one of [server, own]) {
    assert.match(one.serialNumber, /^[4-7][0-9A-F]{31}$/)
    assert.ok(Math.abs(Date.now() - 86_400_000 - one.validFromDate.getTime()) < 60_000)
  }
  assert.deepEqual([server.ca, own.ca], [false, true])
  assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  const caFile = join(dataDir, 'ca.pem')
  await writeFile(caFile, authority.certificate)
  const text = openssl('x509', '-noout', '-text', '-in', caFile)
  if (text === undefined) return t.skip('openssl is not installed')
  assert.match(text.text, /Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
  assert.match(text.text, /Key Usage: critical\s+Certificate Sign, CRL Sign\s/)
  assert.match(text.text, /Name Constraints: critical\s+Permitted:\s+DNS:localhost\s+IP:127\.0\.0\.1\/255/)
})

test('a start that finds its pair does not load what makes one', async (t) => {
  const dataDir = await folder(t)
  const { certFile } = await ownPair(dataDir, { clock: systemClock })
  const loaded: string[] = []
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      loaded.push(specifier)
      return next(specifier, context)
    },
  })
  t.after(() => hooks.deregister())
  await ownPair(dataDir, { clock: systemClock })
  assert.equal(loaded.length, 0)
  await rm(certFile)
  await ownPair(dataDir, { clock: systemClock })
  assert.ok(loaded.includes('./issue.ts'))
})
