import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { systemClock } from '#mail/surroundings.ts'
import { signedContent } from './cms-signature.ts'
import { ownPair } from './own-pair.ts'
import { openssl } from './testing/openssl.ts'

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-signature-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** Undefined where there is no openssl. */
function selfSigned(dir: string, name: string, key: readonly string[]) {
  const [keyFile, certFile] = [join(dir, `${name}.key`), join(dir, `${name}.pem`)]
  const subject = ['-subj', '/O=Ünüsual, Inc./CN=x', '-utf8']
  const made = openssl('req', '-x509', ...key, '-nodes', '-keyout', keyFile, '-out', certFile, ...subject)
  return made === undefined ? undefined : { certFile, keyFile, caFile: certFile }
}

test('a signature verifies with openssl and breaks with the content', async (t) => {
  const dir = await folder(t)
  const { authority, certFile, keyFile } = await ownPair(dir, { clock: systemClock })
  const caFile = join(dir, 'ca.pem')
  await writeFile(caFile, authority.certificate)
  const rsa = selfSigned(dir, 'rsa', ['-newkey', 'rsa:2048'])
  const curve = selfSigned(dir, 'curve', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1'])
  if (rsa === undefined || curve === undefined) return t.skip('openssl is not installed')
  // Longer than the pieces that the library likes to cut.
  const content = Buffer.from(`<plist>${randomUUID().repeat(2_000)}</plist>`)
  for (const signer of [{ certFile, keyFile, caFile }, rsa, curve]) {
    const signed = await signedContent(content, {
      certificate: await readFile(signer.certFile, 'utf8'),
      key: await readFile(signer.keyFile, 'utf8'),
    })
    const file = join(dir, 'signed.der')
    const verify = async (bytes: Buffer) => {
      await writeFile(file, bytes)
      const ca = ['-CAfile', signer.caFile, '-purpose', 'any']
      return openssl('cms', '-verify', '-inform', 'DER', '-in', file, '-binary', ...ca)
    }
    const good = await verify(signed)
    assert.ok(good !== undefined)
    assert.ok(good.ok, good.text)
    assert.equal(good.text, content.toString())
    // In one piece, as DER has it.
    const at = signed.indexOf(content)
    assert.ok(at > 0)
    signed.writeUInt8(signed.readUInt8(at + 10) ^ 1, at + 10)
    assert.equal((await verify(signed))?.ok, false)
  }
})

test('a key that profiles cannot be signed with is refused', async (t) => {
  const dir = await folder(t)
  const { certFile } = await ownPair(dir, { clock: systemClock })
  const certificate = await readFile(certFile, 'utf8')
  for (const { privateKey } of [
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ]) {
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
    await assert.rejects(signedContent(Buffer.from('x'), { certificate, key }), RangeError)
    await assert.rejects(signedContent(Buffer.from('x'), { certificate: '', key }), RangeError)
  }
})
