import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { MailError } from '#mail/errors.ts'
import { createCloudTokens } from './cloud-tokens.ts'
import { createGoogleHttp } from './google-http.ts'
import { startGoogle } from './testing/google.ts'

const robot = 'postern@mine.iam.gserviceaccount.com'
const scope = 'https://www.googleapis.com/auth/pubsub'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })

const cannot = (error: unknown) =>
  error instanceof MailError && error.code === 'unavailable' && !JSON.stringify(error.cause).includes('hush')

/** Tokens of the key in a file, which is not there yet. */
async function start(t: TestContext) {
  const google = await startGoogle(['anna@example.org'])
  google.oauth.addServiceAccount({
    email: robot,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
  })
  const dir = await mkdtemp(join(tmpdir(), 'postern-'))
  t.after(async () => {
    await google.close()
    await rm(dir, { recursive: true, force: true })
  })
  const keyFile = join(dir, 'key.json')
  const tokens = createCloudTokens({ keyFile, scope, http: createGoogleHttp(google.endpoints) })
  return { google, keyFile, tokens, good: JSON.stringify({ client_email: robot, private_key: pem }) }
}

test('a service account speaks for itself; its token serves until it is refused', async (t) => {
  const { google, keyFile, tokens, good } = await start(t)
  await writeFile(keyFile, good)
  const token = await tokens.accessToken()
  const { address, scopes } = google.oauth.verify(token) ?? {}
  assert.deepEqual([address, scopes], [robot, [scope]])
  assert.equal(await tokens.accessToken(), token)
  tokens.reject('another')
  assert.equal(await tokens.accessToken(), token)
  tokens.reject(token)
  assert.notEqual(await tokens.accessToken(), token)
})

test('a key file that cannot be used is told without what it holds, and may be put right', async (t) => {
  const { keyFile, tokens, good } = await start(t)
  await assert.rejects(tokens.accessToken(), cannot)
  for (const text of ['hush', '{"client_email":"hush"}', good.replace(robot, 'hush@x.test')]) {
    await writeFile(keyFile, text)
    await assert.rejects(tokens.accessToken(), cannot)
  }
  await writeFile(keyFile, good)
  assert.notEqual(await tokens.accessToken(), '')
})

test('whoever stops waits for no token', async (t) => {
  const { keyFile, tokens, good } = await start(t)
  await writeFile(keyFile, good)
  const stop = new AbortController()
  const asked = tokens.accessToken(stop.signal)
  stop.abort(new Error('over'))
  await assert.rejects(asked, /over/)
})
