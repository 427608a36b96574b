import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startPostern } from '../postern.ts'
import type { Ready, Running } from '../postern.ts'
import { without } from '../program.ts'
import { faultsOf } from './profile-keys.ts'
import type { Value } from './profile-keys.ts'

const opensslIsMissing = spawnSync('openssl', ['version']).error === undefined ? false : 'no openssl here'
const skip = opensslIsMissing || without('python3')

/** Prints a property list as JSON, by Python's own reader. */
const plistAsJson = `import base64, json, plistlib, sys
octets = lambda value: {'data': base64.b64encode(value).decode()}
json.dump(plistlib.loads(sys.stdin.buffer.read()), sys.stdout, default=octets)`

function readPlist(content: Buffer | undefined): Value {
  assert.ok(content !== undefined)
  const { stdout, stderr } = spawnSync('python3', ['-c', plistAsJson], { input: content, encoding: 'utf8' })
  assert.notEqual(stdout, '', stderr)
  return JSON.parse(stdout) as Value
}

/** As a phone downloads it. */
describe('the profile for Apple’s systems', { skip }, () => {
  let running: Running
  let ready: Ready
  let profile: Buffer
  let authority = ''
  let dir = ''

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'postern-profile-'))
    running = await startPostern(['demo', '--quota', '0'])
    ready = running.ready
    authority = await (await fetch(`${ready.web.url}/trust/authority.pem`)).text()
    await writeFile(join(dir, 'authority.pem'), authority)
    const answer = await fetch(`${ready.web.url}/clients/ios/postern.mobileconfig`)
    assert.equal(answer.headers.get('content-type'), 'application/x-apple-aspen-config')
    profile = Buffer.from(await answer.arrayBuffer())
  })
  after(async () => {
    await running?.stop()
    await rm(dir, { recursive: true, force: true })
  })

  /** What was signed; undefined when openssl does not verify it with the authority that the pages give away. */
  function verified(octets: Buffer): { content: Buffer | undefined; said: string } {
    // A server's certificate is not one for mail, which is what smime asks for unless it is told not to.
    const options = ['-inform', 'DER', '-binary', '-CAfile', join(dir, 'authority.pem'), '-purpose', 'any']
    const { status, stdout, stderr } = spawnSync('openssl', ['smime', '-verify', ...options], {
      input: octets,
    })
    return { content: status === 0 ? stdout : undefined, said: stderr.toString() }
  }

  test('is signed with a certificate of the authority', () => {
    const { content, said } = verified(profile)
    assert.ok(content !== undefined, said)
    const changed = Buffer.from(profile)
    const at = changed.indexOf(String(ready.imaps.port))
    assert.ok(at > 0)
    changed.write('0', at)
    assert.equal(verified(changed).content, undefined)
  })

  test('has the keys that Apple knows, this installation’s values and no password', () => {
    const payload = readPlist(verified(profile).content)
    assert.deepEqual(faultsOf(payload), [])
    const [mail, root] = (payload as { PayloadContent: { [key: string]: Value }[] }).PayloadContent
    assert.equal(mail?.['EmailAddress'], ready.account.user)
    assert.equal(mail?.['IncomingMailServerPortNumber'], ready.imaps.port)
    assert.equal(mail?.['OutgoingMailServerPortNumber'], ready.smtps?.port)
    assert.ok(!('IncomingPassword' in (mail ?? {})))
    const given = { data: new X509Certificate(authority).raw.toString('base64') }
    assert.deepEqual(root?.['PayloadContent'], given)
  })

  test('would not pass with what Apple does not know', () => {
    const text = verified(profile).content?.toString() ?? ''
    for (const [from, to] of [
      ['EmailTypeIMAP', 'EmailTypeImap'],
      ['<key>EmailAddress</key>', '<key>Address</key>'],
      ['<key>IncomingMailServerHostName</key>', '<key>EmailAccountName</key>'],
      ['<key>PayloadVersion</key><integer>1<', '<key>PayloadVersion</key><integer>2<'],
      [/<integer>(\d+)<\/integer>(\s*<key>IncomingMailServerUseSSL)/, '<string>$1</string>$2'],
    ] as const) {
      const bad = text.replace(from, to)
      assert.notEqual(bad, text, String(from))
      assert.notDeepEqual(faultsOf(readPlist(Buffer.from(bad))), [], String(from))
    }
  })
})
