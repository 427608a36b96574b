import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { GrantError, MailError } from '#mail/errors.ts'
import type { GrantEnd } from '#mail/errors.ts'
import type { AccountId } from '#mail/ids.ts'
import type { TokenSource } from '#mail/token-source.ts'
import { loadGrant, saveGrant } from './grant.ts'
import { clientId, clientSecret, startGoogle } from './testing/google.ts'
import type { GoogleForTests } from './testing/google.ts'
import { bookLog, HandClock } from './testing/hand-clock.ts'
import { memoryStore } from './testing/memory-store.ts'
import { createTokenManager } from './token-manager.ts'
import type { TokenManager } from './token-manager.ts'

const modify = 'https://www.googleapis.com/auth/gmail.modify'

let google: GoogleForTests
let clock: HandClock
let store: ReturnType<typeof memoryStore>
let log: ReturnType<typeof bookLog>
let tokens: TokenManager
let account: AccountId
let source: TokenSource
let refreshToken = ''

beforeEach(async () => {
  google = await startGoogle()
  clock = new HandClock()
  store = memoryStore()
  log = bookLog()
  tokens = createTokenManager({
    endpoints: google.endpoints,
    store,
    clock,
    log,
    pageUrl: () => 'http://127.0.0.1:8025/',
  })
  account = (await store.addAccount('demo@gmail.test')).id
  refreshToken = google.oauth.issue('demo@gmail.test', [modify]).refreshToken
  await saveGrant(store, account, { kind: 'refresh-token', refreshToken, scopes: [], clientId, clientSecret })
  source = tokens.sourceOf(account)
})
afterEach(() => google.close())

async function failureOf(work: Promise<string>): Promise<MailError> {
  const error: unknown = await work.then(
    () => assert.fail('a token came'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof MailError)
  return error
}

async function endOfGrant(): Promise<GrantEnd> {
  const error = await failureOf(source.accessToken())
  assert.ok(error instanceof GrantError, error.message)
  return error.end
}

describe('a token source', () => {
  it('makes one request for twenty callers and keeps the token', async () => {
    const given = await Promise.all(Array.from({ length: 20 }, () => source.accessToken()))
    assert.equal(new Set(given).size, 1)
    assert.equal(await source.accessToken(), given[0])
    assert.equal(google.tokenRequests.length, 1)
    assert.equal(google.oauth.verify(given[0] as string)?.address, 'demo@gmail.test')
  })

  it('learns the scopes from the answer and stores them', async () => {
    await source.accessToken()
    assert.deepEqual((await loadGrant(store, account))?.scopes, [modify])
  })

  it('asks tokeninfo what the grant permits where the answer does not tell, and says so once', async () => {
    const told: string[][] = []
    const watching = createTokenManager({
      endpoints: google.endpoints,
      store,
      clock,
      log,
      onScopes: (_account, scopes) => told.push([...scopes]),
    })
    google.answer = ({ scope: _scope, ...body }) => ({ status: 200, body: JSON.stringify(body) })
    assert.equal(await watching.knownScopes(account), undefined)
    assert.deepEqual(await watching.scopesOf(account), [modify])
    assert.deepEqual((await loadGrant(store, account))?.scopes, [modify])
    assert.deepEqual(await watching.knownScopes(account), [modify])
    assert.deepEqual(told, [[modify]])
  })

  it('notices that a grant permits less than was asked for', async () => {
    const readonly = 'https://www.googleapis.com/auth/gmail.readonly'
    const narrow = google.oauth.issue('demo@gmail.test', [readonly]).refreshToken
    await saveGrant(store, account, {
      kind: 'refresh-token',
      refreshToken: narrow,
      scopes: [modify],
      clientId,
      clientSecret,
    })
    tokens.renewed(account)
    assert.deepEqual(await tokens.knownScopes(account), [modify])
    await source.accessToken()
    assert.deepEqual(await tokens.knownScopes(account), [readonly])
  })

  it('fetches a new token beside the work five minutes before the old one ends', async () => {
    const first = await source.accessToken()
    clock.advance(3599_000 - 301_000)
    assert.equal(await source.accessToken(), first)
    assert.equal(google.tokenRequests.length, 1)
    clock.advance(2_000)
    assert.equal(await source.accessToken(), first, 'the old one is still good')
    clock.advance(3600_000)
    const second = await source.accessToken()
    assert.notEqual(second, first)
    assert.equal(google.tokenRequests.length, 2, 'joined the request that was under way')
  })

  it('never gives out a token that ends within the minute', async () => {
    const first = await source.accessToken()
    clock.advance(3599_000 - 59_000)
    assert.notEqual(await source.accessToken(), first)
  })

  it('fetches another after a 401, but not after a 401 to a token that is gone already', async () => {
    const first = await source.accessToken()
    source.reject(first)
    const second = await source.accessToken()
    assert.notEqual(second, first)
    source.reject(first)
    assert.equal(await source.accessToken(), second)
    assert.equal(google.tokenRequests.length, 2)
  })

  it('asks no more for a minute when the new token is refused as well', async () => {
    source.reject(await source.accessToken())
    source.reject(await source.accessToken())
    assert.equal((await failureOf(source.accessToken())).code, 'unavailable')
    assert.equal(google.tokenRequests.length, 2)
    clock.advance(60_000)
    await source.accessToken()
    assert.equal(google.tokenRequests.length, 3)
  })

  it('asks again, minute or not, after a 401 to a token that Gmail had taken', async () => {
    for (let ended = 0; ended < 4; ended++) {
      const token = await source.accessToken()
      source.accepted?.(token)
      source.reject(token)
    }
    assert.equal(google.tokenRequests.length, 4)
    await source.accessToken()
  })

  it('stores a rotated refresh token before it gives out the access token', async () => {
    google.answer = (body) => ({
      status: 200,
      body: JSON.stringify({ ...body, refresh_token: '1//rotated' }),
    })
    store.failing = true
    assert.equal((await failureOf(source.accessToken())).code, 'storage')
    const grant = await loadGrant(store, account)
    assert.ok(grant?.kind === 'refresh-token')
    assert.equal(grant.refreshToken, refreshToken)
    // The old one may be dead: the new one is kept in memory and used.
    store.failing = false
    clock.advance(1000)
    google.answer = () => ({
      status: 200,
      body: JSON.stringify({ access_token: 'ya29.next', expires_in: 3599, token_type: 'Bearer' }),
    })
    assert.equal(await source.accessToken(), 'ya29.next')
    assert.equal(google.tokenRequests[1]?.get('refresh_token'), '1//rotated')
    const stored = await loadGrant(store, account)
    assert.ok(stored?.kind === 'refresh-token')
    assert.equal(stored.refreshToken, '1//rotated')
  })

  const ends: [string, GrantEnd][] = [
    ['invalid_grant', 'revoked-or-expired'],
    ['invalid_rapt', 'session-control'],
    ['admin_policy_enforced', 'admin-policy'],
    ['invalid_client', 'client-invalid'],
    ['deleted_client', 'client-invalid'],
    ['unauthorized_client', 'client-invalid'],
  ]
  for (const [kind, end] of ends) {
    it(`takes ${kind} for ${end}, keeps what is stored and asks once a minute`, async () => {
      google.oauth.refuse(kind)
      const error = await failureOf(source.accessToken())
      assert.ok(error instanceof GrantError)
      assert.equal(error.end, end)
      assert.ok(error.message.endsWith(': http://127.0.0.1:8025/'), error.message)
      for (let i = 0; i < 10; i += 1) await failureOf(source.accessToken())
      clock.advance(59_000)
      await failureOf(source.accessToken())
      assert.equal(google.tokenRequests.length, 1)
      google.oauth.refuse(undefined)
      clock.advance(1_000)
      assert.notEqual(await source.accessToken(), '')
      assert.equal(google.tokenRequests.length, 2)
    })
  }

  it('notices a revoked grant and takes a new one at once', async () => {
    source.reject(await source.accessToken())
    google.oauth.revokeAll('demo@gmail.test')
    assert.ok((await failureOf(source.accessToken())) instanceof GrantError)
    const fresh = google.oauth.issue('demo@gmail.test', [modify]).refreshToken
    await saveGrant(store, account, {
      kind: 'refresh-token',
      refreshToken: fresh,
      scopes: [],
      clientId,
      clientSecret,
    })
    tokens.renewed(account)
    assert.notEqual(await source.accessToken(), '')
  })

  it('does not end a grant for a 500, nor for a page that a portal puts in between', async () => {
    google.oauth.refuse('internal_failure')
    const broken = await failureOf(source.accessToken())
    assert.equal(broken.code, 'unavailable')
    google.oauth.refuse(undefined)
    clock.advance(60_000)
    for (const status of [400, 401, 403, 404]) {
      google.answer = () => ({ status, body: '"<html>Please log in to the hotel</html>"' })
      const error = await failureOf(source.accessToken())
      assert.equal(error.code, 'unavailable', `${status}`)
      clock.advance(60_000)
    }
    google.answer = undefined
    assert.notEqual(await source.accessToken(), '')
  })

  it('says unavailable when nobody answers', async () => {
    await google.close()
    const error = await failureOf(source.accessToken())
    assert.equal(error.code, 'unavailable')
    assert.match((error.cause as Error).message, /ECONNREFUSED/)
  })

  it('says that an account without a grant is not connected', async () => {
    const other = await store.addAccount('peer@gmail.test')
    const error = await failureOf(tokens.sourceOf(other.id).accessToken())
    assert.match(error.message, /not connected to Google/)
    assert.equal(google.tokenRequests.length, 0)
  })

  it('lets a caller leave without ending the request of the others', async () => {
    const leaving = new AbortController()
    const left = source.accessToken(leaving.signal)
    const stays = source.accessToken()
    leaving.abort(new Error('gone'))
    await assert.rejects(left, /gone/)
    assert.notEqual(await stays, '')
    assert.equal(google.tokenRequests.length, 1)
  })

  it('logs no token', async () => {
    const token = await source.accessToken()
    google.oauth.refuse('invalid_grant')
    source.reject(token)
    await failureOf(source.accessToken())
    const text = log.lines.join('\n')
    assert.match(text, /revoked-or-expired/)
    for (const secret of [token, refreshToken, clientSecret]) assert.ok(!text.includes(secret), text)
  })
})

describe('a service account', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const email = 'bridge@project.iam.test'
  let folder = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postern-sa-'))
    await writeFile(
      join(folder, 'key.json'),
      JSON.stringify({ client_email: email, private_key: privateKey }),
    )
    await use('demo@gmail.test')
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function use(subject: string, keyFile = join(folder, 'key.json')): Promise<void> {
    await saveGrant(store, account, { kind: 'service-account', keyFile, subject, scopes: [modify] })
    tokens.renewed(account)
  }

  it('speaks for its subject', async () => {
    google.oauth.addServiceAccount({ email, publicKey, scopes: [modify] })
    const token = await source.accessToken()
    assert.equal(google.oauth.verify(token)?.address, 'demo@gmail.test')
    assert.equal(await source.accessToken(), token)
    source.reject(token)
    assert.notEqual(await source.accessToken(), token)
    assert.equal(google.tokenRequests.length, 2)
  })

  it('tells the kinds of refusal apart', async () => {
    assert.equal(await endOfGrant(), 'client-invalid', 'Google does not know it')
    google.oauth.addServiceAccount({ email, publicKey, scopes: [modify], delegated: false })
    tokens.renewed(account)
    assert.equal(await endOfGrant(), 'delegation-denied')
    google.oauth.addServiceAccount({ email, publicKey, scopes: [modify] })
    await use('nobody@gmail.test')
    assert.equal(await endOfGrant(), 'delegation-denied')
    await use('nobody')
    assert.equal(await endOfGrant(), 'delegation-denied')
  })

  it('does not blame the grant for a wrong clock or a missing key file', async () => {
    google.oauth.addServiceAccount({ email, publicKey, scopes: [modify] })
    google.nowMs += 24 * 3600_000
    const late = await failureOf(source.accessToken())
    assert.equal(late.code, 'unavailable')
    assert.match(late.message, /clock/)
    await use('demo@gmail.test', join(folder, 'missing.json'))
    assert.match((await failureOf(source.accessToken())).message, /key file cannot be read/)
  })
})
