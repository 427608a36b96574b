import assert from 'node:assert/strict'
import { createSign, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { text } from 'node:stream/consumers'
import { GrantError, MailError } from '#mail/errors.ts'
import { createGoogleHttp } from './google-http.ts'
import { startGoogle } from './testing/google.ts'
import type { GoogleForTests } from './testing/google.ts'
import { requestToken } from './token-request.ts'

const principal = 'bridge@project.iam.gserviceaccount.com'
const modify = 'https://www.googleapis.com/auth/gmail.modify'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

let google: GoogleForTests
let cloud: Server
let cloudUrl = ''
let folder = ''
let asked: string[]
/** The IAM API's answer when it does not sign. */
let refusal: number | undefined

/** As STS and the IAM Credentials API do it: a token for the workload, and signatures by the key that Google keeps. */
async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
  const body = await text(request)
  asked.push(`${request.url}`)
  if (request.url === '/sts') {
    const form = new URLSearchParams(body)
    return form.get('subject_token') === 'workload-token'
      ? { status: 200, body: { access_token: 'machine-token', expires_in: 3600, token_type: 'Bearer' } }
      : { status: 400, body: { error: 'invalid_grant' } }
  }
  if (refusal !== undefined) return { status: refusal, body: { error: { code: refusal } } }
  if (request.headers.authorization !== 'Bearer machine-token') return { status: 401, body: {} }
  const { payload } = JSON.parse(body) as { payload: string }
  const head = Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'JWT' })).toString('base64url')
  const signed = `${head}.${Buffer.from(payload).toString('base64url')}`
  const signature = createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')
  return { status: 200, body: { keyId: '1', signedJwt: `${signed}.${signature}` } }
}

beforeEach(async () => {
  google = await startGoogle(['anna@example.org'])
  google.oauth.addServiceAccount({
    email: principal,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
    scopes: [modify],
  })
  asked = []
  refusal = undefined
  cloud = createServer((request, response) => {
    void answer(request).then(({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    )
  })
  await new Promise<void>((resolve) => cloud.listen(0, '127.0.0.1', resolve))
  cloudUrl = `http://127.0.0.1:${(cloud.address() as AddressInfo).port}`
  folder = await mkdtemp(join(tmpdir(), 'postern-keyless-'))
  await writeFile(join(folder, 'token'), 'workload-token')
  await writeFile(
    join(folder, 'federation.json'),
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${cloudUrl}/sts`,
      credential_source: { file: join(folder, 'token') },
    }),
  )
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = join(folder, 'federation.json')
})
afterEach(async () => {
  delete process.env['GOOGLE_APPLICATION_CREDENTIALS']
  await google.close()
  cloud.closeAllConnections()
  cloud.close()
  await rm(folder, { recursive: true })
})

function ask(subject = 'anna@example.org', scopes = [modify]) {
  const endpoints = { ...google.endpoints, iamUrl: cloudUrl }
  const http = createGoogleHttp(endpoints)
  return {
    http,
    again: () => requestToken({ kind: 'keyless', principal, subject, scopes }, http, endpoints),
  }
}

async function failureOf(work: Promise<unknown>): Promise<MailError> {
  const error: unknown = await work.then(
    () => assert.fail('a token came'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof MailError, String(error))
  return error
}

describe('a service account without a key', () => {
  it('speaks for a person by a signature that Google makes for this workload', async () => {
    const { again } = ask()
    const { accessToken, lifetimeMs } = await again()
    assert.deepEqual(google.oauth.verify(accessToken)?.address, 'anna@example.org')
    assert.deepEqual(google.oauth.verify(accessToken)?.scopes, [modify])
    assert.ok(lifetimeMs > 3_000_000 && lifetimeMs <= 3_600_000, String(lifetimeMs))
    await again()
    const sign = `/v1/projects/-/serviceAccounts/${encodeURIComponent(principal)}:signJwt`
    // The machine's own token is asked for once.
    assert.deepEqual(asked, ['/sts', sign, sign])
  })

  it('may not speak for whom the administrator has not permitted', async () => {
    for (const work of [ask('nobody@example.org'), ask(undefined, ['https://mail.google.com/'])]) {
      const error = await failureOf(work.again())
      assert.ok(error instanceof GrantError)
      assert.equal(error.end, 'delegation-denied')
    }
  })

  it('says what is missing when the workload may not sign, and that trouble passes when it does', async () => {
    refusal = 403
    const denied = await failureOf(ask().again())
    assert.ok(denied instanceof GrantError)
    assert.match(denied.message, /Service Account Token Creator/)
    refusal = 503
    assert.equal((await failureOf(ask().again())).code, 'unavailable')
    assert.ok(!((await failureOf(ask().again())) instanceof GrantError))
  })

  it('says so when this machine is nobody at Google, and quotes no token', async () => {
    await writeFile(join(folder, 'token'), 'stolen-token')
    const error = await failureOf(ask().again())
    assert.equal(error.code, 'unavailable')
    assert.match(error.message, /machine/)
    assert.doesNotMatch(`${error.stack} ${String((error.cause as Error).stack)}`, /stolen-token/)
    process.env['GOOGLE_APPLICATION_CREDENTIALS'] = join(folder, 'missing.json')
    assert.match((await failureOf(ask().again())).message, /GOOGLE_APPLICATION_CREDENTIALS/)
  })
})
