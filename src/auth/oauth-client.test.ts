import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SealError } from '#mail/surroundings.ts'
import { OAuthClientError, readOAuthClient } from './oauth-client.ts'
import { openOAuthClientBook } from './oauth-client-book.ts'
import { createSeal } from './seal.ts'
import { clientId, clientSecret, startGoogle } from './testing/google.ts'
import { bookLog } from './testing/hand-clock.ts'

const good = { clientId: '1-a.apps.googleusercontent.com', clientSecret: 'GOCSPX-abcdef' }
const keys = { client_id: good.clientId, client_secret: good.clientSecret }

test('the downloaded file, of either type, and the two values are read', () => {
  for (const given of [
    { json: JSON.stringify({ installed: { ...keys, auth_uri: 'x' } }) },
    { json: ` ${JSON.stringify({ web: keys })}\n` },
    { json: JSON.stringify(keys) },
    { clientId: ` ${good.clientId} `, clientSecret: `${good.clientSecret}\n` },
  ])
    assert.deepEqual(readOAuthClient(given), good)
})

test('what is something else is called by its name', () => {
  for (const [given, sentence] of [
    [{ json: '{' }, /no JSON file/],
    [{ json: '{"type":"service_account","client_id":"1"}' }, /service account/],
    [{ json: '{"installed":{}}' }, /holds no OAuth client/],
    [{ clientId: '', clientSecret: 'x' }, /client id is missing/],
    [{ clientId: 'GOCSPX-abc', clientSecret: 'x' }, /Exchange the two/],
    [{ clientId: 'AIzaSyA', clientSecret: 'x' }, /API key/],
    [{ clientId: 'me@gmail.com', clientSecret: 'x' }, /no client id/],
    [{ clientId: good.clientId }, /secret is missing/],
    [{ clientId: good.clientId, clientSecret: 'a b c d e' }, /no client secret/],
  ] as const)
    assert.throws(
      () => readOAuthClient(given),
      (error) => error instanceof OAuthClientError && sentence.test(error.message),
      JSON.stringify(given),
    )
})

test('the book asks Google, keeps the client sealed, and opens it with the same key alone', async (t) => {
  const google = await startGoogle()
  const dataDir = await mkdtemp(join(tmpdir(), 'postern-oauth-client-'))
  t.after(async () => {
    await google.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const seal = createSeal(randomBytes(32))
  const none = { clientId: undefined, clientSecret: undefined }
  const common = { dataDir, endpoints: google.endpoints, log: bookLog() }
  const book = await openOAuthClientBook({ ...common, seal, environment: none })
  assert.equal(book.current(), undefined)
  const signal = AbortSignal.timeout(120_000)
  assert.equal(await book.check({ clientId, clientSecret }, signal), 'good')
  assert.equal(await book.check({ clientId, clientSecret: 'another' }, signal), 'wrong')
  google.answer = () => ({ status: 503, body: '<html>a proxy</html>' })
  assert.equal(await book.check({ clientId, clientSecret }, signal), 'unknown')
  await book.save(good)
  const path = join(dataDir, 'oauth-client.sealed')
  assert.ok(!(await readFile(path, 'latin1')).includes(good.clientSecret))
  if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600)
  const again = await openOAuthClientBook({ ...common, seal, environment: none })
  assert.deepEqual(again.current(), good)
  const fixed = await openOAuthClientBook({ ...common, seal, environment: { ...good, clientId } })
  assert.deepEqual([fixed.fixed, fixed.current()?.clientId], [true, clientId])
  await assert.rejects(
    openOAuthClientBook({ ...common, seal: createSeal(randomBytes(32)), environment: none }),
    SealError,
  )
})
