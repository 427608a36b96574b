import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomUUID, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
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
import { signedData } from './signed-data.ts'

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-authority-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

const judge = 'openssl'

/** Undefined where there is no openssl to ask. */
function openssl(...args: string[]): { ok: boolean; text: string } | undefined {
  try {
    return { ok: true, text: execFileSync(judge, args, { stdio: 'pipe' }).toString() }
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: string; stdout?: Buffer; stderr?: Buffer }
    return code === 'ENOENT' ? undefined : { ok: false, text: `${stdout?.toString()}${stderr?.toString()}` }
  }
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
    await writeFile(forged, authority.issue([name], Date.now()).certificate)
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

test('a signature verifies with openssl and breaks with the content', async (t) => {
  const dataDir = await folder(t)
  const { authority, certFile, keyFile } = await ownPair(dataDir, { clock: systemClock })
  const caFile = join(dataDir, 'ca.pem')
  const rsaKey = join(dataDir, 'rsa.key')
  const rsaCert = join(dataDir, 'rsa.pem')
  await writeFile(caFile, authority.certificate)
  if (
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      rsaKey,
      '-out',
      rsaCert,
      '-subj',
      '/O=Ünüsual, Inc./CN=x',
      '-utf8',
    ) === undefined
  )
    return t.skip('openssl is not installed')
  const content = Buffer.from(`<plist>${randomUUID()}</plist>`)
  for (const [cert, key, ca] of [
    [certFile, keyFile, caFile],
    [rsaCert, rsaKey, rsaCert],
  ] as const) {
    const signed = signedData(content, {
      certificate: await readFile(cert, 'utf8'),
      key: await readFile(key, 'utf8'),
    })
    const file = join(dataDir, 'signed.der')
    const verify = async (bytes: Buffer) => {
      await writeFile(file, bytes)
      return openssl('cms', '-verify', '-inform', 'DER', '-in', file, '-CAfile', ca, '-purpose', 'any')
    }
    const good = await verify(signed)
    assert.ok(good !== undefined)
    assert.ok(good.ok, good.text)
    assert.equal(good.text, content.toString())
    const at = signed.indexOf(content.toString('latin1'), 'latin1')
    signed.writeUInt8(signed.readUInt8(at + 10) ^ 1, at + 10)
    assert.equal((await verify(signed))?.ok, false)
  }
})
