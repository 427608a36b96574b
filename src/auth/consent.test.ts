import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createConsent } from './consent.ts'
import type { Connected, Consent } from './consent.ts'
import { ConsentError } from './consent-error.ts'
import type { ConsentProblem } from './consent-error.ts'
import { loadGrant } from './grant.ts'
import type { OAuthClient } from './oauth-client.ts'
import { clientId, clientSecret, startGoogle } from './testing/google.ts'
import type { GoogleForTests } from './testing/google.ts'
import { bookLog, HandClock } from './testing/hand-clock.ts'
import { memoryStore } from './testing/memory-store.ts'
import { pressConsent } from './testing/person.ts'

const redirectUri = 'http://127.0.0.1:45678/oauth/callback'
const modify = 'https://www.googleapis.com/auth/gmail.modify'
const signal = AbortSignal.timeout(120_000)

let google: GoogleForTests
let clock: HandClock
let store: ReturnType<typeof memoryStore>
let log: ReturnType<typeof bookLog>
let renewed: number[]
let consent: Consent

beforeEach(async () => {
  google = await startGoogle(['demo@gmail.test', 'peer@gmail.test', 'd.emo@gmail.com'])
  clock = new HandClock()
  store = memoryStore()
  log = bookLog()
  renewed = []
  consent = make()
})
afterEach(() => google.close())

function make(client: OAuthClient = { clientId, clientSecret }): Consent {
  return createConsent({
    endpoints: google.endpoints,
    client: () => client,
    store,
    tokens: { renewed: (account) => renewed.push(account) },
    clock,
    randomBytes,
    log,
  })
}

function without(): Consent {
  const { endpoints } = google
  const tokens = { renewed: () => undefined }
  return createConsent({ endpoints, client: () => undefined, store, tokens, clock, randomBytes, log })
}

function finish(query: URLSearchParams, browser: string | undefined): Promise<Connected> {
  return consent.finish({ query, browser, signal })
}

async function rejects(work: Promise<unknown>, problem: ConsentProblem): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof ConsentError, String(error))
    assert.equal(error.problem, problem)
    assert.ok(error.message.endsWith('.') && error.advice.endsWith('.'))
    return true
  })
  for (const { id } of await store.accounts()) assert.equal(await loadGrant(store, id), undefined)
}

describe('consent', () => {
  it('asks with a fresh state, a fresh S256 challenge and the scope of the tier', () => {
    const [one, two] = ['modify', 'modify'].map(() => consent.begin({ redirectUri, tier: 'modify' }))
    assert.ok(one !== undefined && two !== undefined)
    const asked = new URL(one.url).searchParams
    assert.equal(asked.get('scope'), modify)
    assert.equal(asked.get('state'), one.state)
    assert.equal(Buffer.from(one.state, 'base64url').length, 32)
    assert.equal(asked.get('code_challenge_method'), 'S256')
    assert.equal(asked.get('access_type'), 'offline')
    assert.notEqual(one.state, two.state)
    assert.notEqual(asked.get('code_challenge'), new URL(two.url).searchParams.get('code_challenge'))
    assert.notEqual(one.browser, one.state)
  })

  it('connects the account that the person chose, and proves its verifier', async () => {
    const begun = consent.begin({ redirectUri, tier: 'modify' })
    const answer = await pressConsent(google.base, begun.url, 'allow', { account: 'peer@gmail.test' })
    const connected = await finish(answer, begun.browser)
    assert.deepEqual(
      { ...connected },
      { account: 1, address: 'peer@gmail.test', tier: 'modify', asked: 'modify', isNew: true },
    )
    const grant = await loadGrant(store, connected.account)
    assert.ok(grant?.kind === 'refresh-token')
    assert.deepEqual(grant.scopes, [modify])
    assert.deepEqual(renewed, [1])
    const verifier = google.tokenRequests[0]?.get('code_verifier') ?? ''
    const challenge = new URL(begun.url).searchParams.get('code_challenge')
    assert.equal(createHash('sha256').update(verifier).digest('base64url'), challenge)
    assert.ok(!log.lines.join('\n').includes(grant.refreshToken))
  })

  it('asks userinfo whose mailbox it is where the grant may only send', async () => {
    const begun = consent.begin({ redirectUri, tier: 'send' })
    const connected = await finish(await pressConsent(google.base, begun.url, 'allow'), begun.browser)
    assert.equal(connected.address, 'demo@gmail.test')
    assert.equal(connected.tier, 'send')
  })

  it('connects the same account again, also by another spelling of a gmail.com address', async () => {
    await store.addAccount('demo@gmail.com')
    const begun = consent.begin({ redirectUri, tier: 'read', loginHint: 'Demo@googlemail.com' })
    const answer = await pressConsent(google.base, begun.url, 'allow', { account: 'd.emo@gmail.com' })
    const connected = await finish(answer, begun.browser)
    assert.equal(connected.isNew, false)
    assert.equal(connected.address, 'demo@gmail.com')
  })

  it('takes every state once', async () => {
    const begun = consent.begin({ redirectUri, tier: 'modify' })
    const answer = await pressConsent(google.base, begun.url, 'allow')
    const results = await Promise.allSettled([finish(answer, begun.browser), finish(answer, begun.browser)])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    )
    assert.equal(google.tokenRequests.length, 1)
  })

  it('refuses a forged state, a missing one, and one that is older than ten minutes', async () => {
    const begun = consent.begin({ redirectUri, tier: 'modify' })
    const answer = await pressConsent(google.base, begun.url, 'allow')
    const forged = new URLSearchParams(answer)
    forged.set('state', randomBytes(32).toString('base64url'))
    await rejects(finish(forged, begun.browser), 'unknown-flow')
    await rejects(finish(new URLSearchParams({ code: 'x' }), begun.browser), 'unknown-flow')
    clock.advance(10 * 60_000)
    await rejects(finish(answer, begun.browser), 'unknown-flow')
    assert.equal(google.tokenRequests.length, 0)
  })

  it('refuses another browser, and then its own: the state was seen elsewhere', async () => {
    for (const other of [undefined, '', 'x'.repeat(43)]) {
      const begun = consent.begin({ redirectUri, tier: 'modify' })
      const answer = await pressConsent(google.base, begun.url, 'allow')
      await rejects(finish(answer, other), 'other-browser')
      await rejects(finish(answer, begun.browser), 'unknown-flow')
    }
    assert.equal(google.tokenRequests.length, 0)
  })

  it('drops the oldest of more than a hundred that wait', async () => {
    const first = consent.begin({ redirectUri, tier: 'modify' })
    const second = consent.begin({ redirectUri, tier: 'modify' })
    for (let i = 0; i < 99; i += 1) consent.begin({ redirectUri, tier: 'modify' })
    await rejects(finish(new URLSearchParams({ state: first.state }), first.browser), 'unknown-flow')
    const answer = new URLSearchParams({ state: second.state, error: 'access_denied' })
    await rejects(finish(answer, second.browser), 'denied')
  })

  it('says so when the person presses Deny', async () => {
    const begun = consent.begin({ redirectUri, tier: 'modify' })
    await rejects(finish(await pressConsent(google.base, begun.url, 'deny'), begun.browser), 'denied')
  })

  it('notices a partial consent and stores nothing', async () => {
    const begun = consent.begin({ redirectUri, tier: 'modify' })
    const url = new URL(begun.url)
    url.searchParams.set('scope', `${modify} https://www.googleapis.com/auth/gmail.labels`)
    const answer = await pressConsent(google.base, url.href, 'allow', { untick: [modify] })
    await rejects(finish(answer, begun.browser), 'partial')
  })

  it('takes a smaller access than was asked for as it is, and says so', async () => {
    const begun = consent.begin({ redirectUri, tier: 'modify' })
    const url = new URL(begun.url)
    url.searchParams.set('scope', `${modify} https://www.googleapis.com/auth/gmail.readonly`)
    const answer = await pressConsent(google.base, url.href, 'allow', { untick: [modify] })
    const { tier, asked, account } = await finish(answer, begun.browser)
    assert.deepEqual({ tier, asked }, { tier: 'read', asked: 'modify' })
    const grant = await loadGrant(store, account)
    assert.deepEqual(grant?.scopes, ['https://www.googleapis.com/auth/gmail.readonly'])
  })

  it('notices that another account was chosen and stores nothing', async () => {
    const { id } = await store.addAccount('demo@gmail.test')
    const begun = consent.begin({ redirectUri, tier: 'modify', loginHint: 'demo@gmail.test' })
    const answer = await pressConsent(google.base, begun.url, 'allow', { account: 'peer@gmail.test' })
    await rejects(finish(answer, begun.browser), 'wrong-account')
    assert.equal(await loadGrant(store, id), undefined)
    assert.equal((await store.accounts()).length, 1)
  })

  it('refuses a code that another server sent, by its iss', async () => {
    const begun = consent.begin({ redirectUri, tier: 'modify' })
    const answer = await pressConsent(google.base, begun.url, 'allow')
    answer.set('iss', 'https://evil.example')
    await rejects(finish(answer, begun.browser), 'refused')
    assert.equal(google.tokenRequests.length, 0)
  })

  const answers: [string, ConsentProblem][] = [
    ['redirect_uri_mismatch', 'redirect-mismatch'],
    ['org_internal', 'organisation'],
    ['admin_policy_enforced', 'organisation'],
    ['something <b>new</b>', 'refused'],
    ['constructor', 'refused'],
  ]
  for (const [error, problem] of answers) {
    it(`has its own words for ${error}`, async () => {
      const begun = consent.begin({ redirectUri, tier: 'modify' })
      await rejects(finish(new URLSearchParams({ state: begun.state, error }), begun.browser), problem)
    })
  }

  it('says what is wrong with the client, the code, the answer and the disk', async () => {
    consent = make({ clientId, clientSecret: 'wrong' })
    let begun = consent.begin({ redirectUri, tier: 'modify' })
    await rejects(finish(await pressConsent(google.base, begun.url, 'allow'), begun.browser), 'client')
    consent = make()
    begun = consent.begin({ redirectUri, tier: 'modify' })
    await rejects(
      finish(new URLSearchParams({ state: begun.state, code: 'stolen' }), begun.browser),
      'used-code',
    )
    begun = consent.begin({ redirectUri, tier: 'modify' })
    google.answer = (body) => ({ status: 200, body: JSON.stringify({ ...body, refresh_token: undefined }) })
    await rejects(
      finish(await pressConsent(google.base, begun.url, 'allow'), begun.browser),
      'no-refresh-token',
    )
    google.answer = undefined
    store.failing = true
    begun = consent.begin({ redirectUri, tier: 'modify' })
    await rejects(finish(await pressConsent(google.base, begun.url, 'allow'), begun.browser), 'storage')
  })

  it('tells what is missing without a client id', () => {
    consent = without()
    assert.match(consent.missing ?? '', /GOOGLE_CLIENT_ID/)
    assert.throws(() => consent.begin({ redirectUri, tier: 'modify' }), ConsentError)
  })
})
