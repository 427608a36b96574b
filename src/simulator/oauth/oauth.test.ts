import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { afterEach, describe, it } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { registerOAuth, type OAuth } from './oauth.ts'

const modify = 'https://www.googleapis.com/auth/gmail.modify'
const settings = 'https://www.googleapis.com/auth/gmail.settings.basic'
const verifier = 'v'.repeat(64)
const challenge = createHash('sha256').update(verifier).digest('base64url')
const callback = 'http://127.0.0.1:45678/callback'

interface House {
  base: string
  oauth: OAuth
  clock: { now: number }
}

const open: FastifyInstance[] = []
afterEach(async () => {
  for (const app of open.splice(0)) await app.close()
})

async function start(): Promise<House> {
  const app = Fastify({ forceCloseConnections: true })
  open.push(app)
  const clock = { now: Date.UTC(2026, 0, 1) }
  let base = ''
  const accounts = ['demo@gmail.test', 'peer@gmail.test']
  const oauth = registerOAuth(app, {
    hasAccount: (address) => accounts.includes(address.toLowerCase()),
    accounts: () => accounts,
    now: () => clock.now,
    randomBytes,
    clientId: 'client.apps.test',
    clientSecret: 'not-secret',
    baseUrl: () => base,
    nameOf: (address) => (address.startsWith('demo') ? 'Dora <Demo>' : 'Peer'),
  })
  base = await app.listen({ host: '127.0.0.1', port: 0 })
  return { base, oauth, clock }
}

type Json = Record<string, unknown>

async function post(url: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
    redirect: 'manual',
  })
  return { status: response.status, body: (await response.json()) as Json }
}

function authorizeUrl(base: string, changes: Record<string, string | undefined> = {}): string {
  const url = new URL('/o/oauth2/v2/auth', base)
  const fields: Record<string, string | undefined> = {
    client_id: 'client.apps.test',
    redirect_uri: callback,
    response_type: 'code',
    scope: modify,
    state: 'state-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}

/** Reads the consent page as a browser without script would, and presses a button. */
async function press(
  base: string,
  url: string,
  decision: 'allow' | 'deny',
  { untick = [] as string[], headers = {}, account = '' } = {},
): Promise<Response> {
  const page = await fetch(url)
  assert.equal(page.status, 200)
  const text = await page.text()
  const form = new URLSearchParams({ decision })
  for (const [tag] of text.matchAll(/<input [^>]*>/g)) {
    const attribute = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
    const chosen = attribute('type') === 'hidden' || tag.includes(' checked')
    if (chosen && !untick.includes(attribute('value'))) form.append(attribute('name'), attribute('value'))
  }
  if (account !== '') form.set('account', account)
  return fetch(`${base}/o/oauth2/v2/auth`, { method: 'POST', body: form, headers, redirect: 'manual' })
}

function landing(response: Response): URLSearchParams {
  assert.equal(response.status, 302)
  const location = response.headers.get('location') ?? ''
  assert.ok(location.startsWith(`${callback}?`), location)
  return new URL(location).searchParams
}

function exchange(base: string, code: string, changes: Record<string, string> = {}) {
  return post(`${base}/token`, {
    grant_type: 'authorization_code',
    client_id: 'client.apps.test',
    client_secret: 'not-secret',
    redirect_uri: callback,
    code,
    code_verifier: verifier,
    ...changes,
  })
}

function refresh(base: string, refreshToken: string, changes: Record<string, string> = {}) {
  return post(`${base}/token`, {
    grant_type: 'refresh_token',
    client_id: 'client.apps.test',
    client_secret: 'not-secret',
    refresh_token: refreshToken,
    ...changes,
  })
}

describe('the consent page', () => {
  it('leads from Allow over a code to tokens that speak for the chosen account', async () => {
    const { base, oauth, clock } = await start()
    const answer = landing(await press(base, authorizeUrl(base), 'allow', { account: 'peer@gmail.test' }))
    assert.equal(answer.get('state'), 'state-1')
    assert.equal(answer.get('scope'), modify)
    const { status, body } = await exchange(base, answer.get('code') ?? '')
    assert.equal(status, 200)
    assert.equal(body['expires_in'], 3599)
    assert.equal(body['token_type'], 'Bearer')
    assert.equal(body['scope'], modify)
    const token = oauth.verify(String(body['access_token']))
    assert.deepEqual(token, {
      address: 'peer@gmail.test',
      clientId: 'client.apps.test',
      scopes: [modify],
      expiresAt: clock.now + 3_599_000,
    })
    clock.now += 3_599_000
    assert.equal(oauth.verify(String(body['access_token'])), undefined)
    const again = await refresh(base, String(body['refresh_token']))
    assert.equal(again.status, 200)
    assert.equal('refresh_token' in again.body, false)
    assert.equal(oauth.verify(String(again.body['access_token']))?.address, 'peer@gmail.test')
  })

  it('chooses the account of login_hint', async () => {
    const { base, oauth } = await start()
    const answer = landing(await press(base, authorizeUrl(base, { login_hint: 'PEER@gmail.test' }), 'allow'))
    const { body } = await exchange(base, answer.get('code') ?? '')
    assert.equal(oauth.verify(String(body['access_token']))?.address, 'peer@gmail.test')
  })

  it('returns access_denied after Deny', async () => {
    const { base } = await start()
    const answer = landing(await press(base, authorizeUrl(base), 'deny'))
    assert.deepEqual(
      [...answer],
      [
        ['error', 'access_denied'],
        ['state', 'state-1'],
      ],
    )
  })

  it('grants only the scopes that stay ticked', async () => {
    const { base } = await start()
    const url = authorizeUrl(base, { scope: `openid email ${modify} ${settings}` })
    const answer = landing(await press(base, url, 'allow', { untick: [settings] }))
    const { body } = await exchange(base, answer.get('code') ?? '')
    const email = 'https://www.googleapis.com/auth/userinfo.email'
    assert.equal(body['scope'], `openid ${email} ${modify}`)
    const all = landing(await press(base, authorizeUrl(base, { scope: `${modify} ${settings}` }), 'allow'))
    assert.equal(all.get('scope'), `${modify} ${settings}`)
    const none = landing(
      await press(base, authorizeUrl(base, { scope: `${modify} ${settings}` }), 'allow', {
        untick: [modify, settings],
      }),
    )
    assert.equal(none.get('error'), 'access_denied')
  })

  it('never redirects when client or address are wrong', async () => {
    const { base } = await start()
    const cases: [Record<string, string | undefined>, number, string][] = [
      [{ client_id: 'other' }, 401, 'invalid_client'],
      [{ client_id: undefined }, 400, 'invalid_request'],
      [{ redirect_uri: 'http://evil.test/' }, 400, 'redirect_uri_mismatch'],
      [{ redirect_uri: 'https://127.0.0.1:1/' }, 400, 'redirect_uri_mismatch'],
      [{ redirect_uri: 'http://127.0.0.1.evil.test/' }, 400, 'redirect_uri_mismatch'],
      [{ redirect_uri: 'http://user@127.0.0.1/' }, 400, 'redirect_uri_mismatch'],
      [{ redirect_uri: 'urn:ietf:wg:oauth:2.0:oob' }, 400, 'redirect_uri_mismatch'],
      [{ response_type: 'token' }, 400, 'unsupported_response_type'],
      [{ scope: 'https://www.googleapis.com/auth/nonsense' }, 400, 'invalid_scope'],
      [{ scope: undefined }, 400, 'invalid_request'],
      [{ code_challenge_method: 'S512' }, 400, 'invalid_request'],
      [{ code_challenge: 'short' }, 400, 'invalid_request'],
      [{ code_challenge: undefined }, 400, 'invalid_request'],
    ]
    for (const [changes, status, error] of cases) {
      const response = await fetch(authorizeUrl(base, changes), { redirect: 'manual' })
      assert.equal(response.status, status, JSON.stringify(changes))
      assert.match(await response.text(), new RegExp(`<code>${error}</code>`))
    }
    for (const uri of ['http://[::1]:9/x?y=1', 'http://localhost:80/', 'http://127.0.0.1']) {
      assert.equal((await fetch(authorizeUrl(base, { redirect_uri: uri }))).status, 200, uri)
    }
  })

  it('accepts an answer only once and only from its own page', async () => {
    const { base, clock } = await start()
    const ticketOf = async () =>
      /name="request" value="([^"]+)"/.exec(await (await fetch(authorizeUrl(base))).text())?.[1] ?? ''
    const send = (ticket: string, headers: Record<string, string> = {}) =>
      fetch(`${base}/o/oauth2/v2/auth`, {
        method: 'POST',
        body: new URLSearchParams({ request: ticket, decision: 'allow', account: 'demo@gmail.test' }),
        headers,
        redirect: 'manual',
      })
    const ticket = await ticketOf()
    assert.equal((await send(ticket, { origin: 'http://evil.test' })).status, 403)
    assert.equal((await send(ticket, { 'sec-fetch-site': 'cross-site' })).status, 403)
    assert.equal((await send(ticket, { origin: base })).status, 302)
    assert.equal((await send(ticket)).status, 400)
    const old = await ticketOf()
    clock.now += 600_000
    assert.equal((await send(old)).status, 400)
  })

  it('escapes what it shows and allows no script, frame or foreign form target', async () => {
    const { base } = await start()
    const response = await fetch(authorizeUrl(base))
    const text = await response.text()
    assert.ok(text.includes('Dora &lt;Demo&gt;'))
    assert.equal(text.includes('<Demo>'), false)
    assert.equal(/<script/i.test(text), false)
    const policy = response.headers.get('content-security-policy') ?? ''
    assert.ok(policy.includes("default-src 'none'"))
    assert.ok(policy.includes("frame-ancestors 'none'"))
    assert.ok(policy.includes("form-action 'self' http://127.0.0.1:45678;"))
  })
})

describe('the token endpoint', () => {
  it('takes each code once, from its own client, with its own address and verifier', async () => {
    const { base } = await start()
    const code = async () => landing(await press(base, authorizeUrl(base), 'allow')).get('code') ?? ''
    const first = await code()
    assert.equal((await exchange(base, first)).status, 200)
    assert.deepEqual(await exchange(base, first), {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Bad Request' },
    })
    const wrong: [Record<string, string>, number, string][] = [
      [{ code_verifier: 'w'.repeat(64) }, 400, 'invalid_grant'],
      [{ redirect_uri: 'http://127.0.0.1:1/' }, 400, 'redirect_uri_mismatch'],
      [{ client_id: 'other' }, 401, 'invalid_client'],
      [{ client_secret: 'wrong' }, 401, 'invalid_client'],
      [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ]
    for (const [changes, status, error] of wrong) {
      const { status: got, body } = await exchange(base, await code(), changes)
      assert.deepEqual([got, body['error']], [status, error], JSON.stringify(changes))
    }
  })

  it('refuses refreshes in each kind until told otherwise', async () => {
    const { base, oauth } = await start()
    const { refreshToken } = oauth.issue('demo@gmail.test', [modify])
    const kinds: [string, number, Json][] = [
      [
        'invalid_grant',
        400,
        { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
      ],
      [
        'invalid_rapt',
        400,
        {
          error: 'invalid_grant',
          error_description: 'reauth related error (invalid_rapt)',
          error_uri: 'https://support.google.com/a/answer/9368756',
          error_subtype: 'invalid_rapt',
        },
      ],
      [
        'invalid_client',
        401,
        { error: 'invalid_client', error_description: 'The OAuth client was not found.' },
      ],
      ['invalid_request', 400, { error: 'invalid_request', error_description: 'Invalid principal' }],
    ]
    for (const [kind, status, body] of kinds) {
      oauth.refuse(kind)
      assert.deepEqual(await refresh(base, refreshToken), { status, body })
    }
    for (const kind of ['admin_policy_enforced', 'unauthorized_client']) {
      oauth.refuse(kind)
      assert.equal((await refresh(base, refreshToken)).body['error'], kind)
    }
    assert.throws(() => oauth.refuse('nonsense'), RangeError)
    oauth.refuse(undefined)
    assert.equal((await refresh(base, refreshToken)).status, 200)
  })

  it('issues tokens that do not expire, and ends them with the grant', async () => {
    const { base, oauth, clock } = await start()
    const demo = oauth.issue('demo@gmail.test', [modify])
    const peer = oauth.issue('peer@gmail.test', [modify])
    clock.now += 400 * 24 * 3_600_000
    assert.equal(oauth.verify(demo.accessToken)?.address, 'demo@gmail.test')
    assert.equal((await refresh(base, demo.refreshToken)).status, 200)
    oauth.revokeAll('Demo@gmail.test')
    assert.equal(oauth.verify(demo.accessToken), undefined)
    assert.equal((await refresh(base, demo.refreshToken)).body['error'], 'invalid_grant')
    assert.notEqual(oauth.verify(peer.accessToken), undefined)
  })

  it('forgets a refresh token after six months without use, and the oldest of more than a hundred', async () => {
    const { base, oauth, clock } = await start()
    const granted = async () => {
      const code = landing(await press(base, authorizeUrl(base), 'allow')).get('code') ?? ''
      return String((await exchange(base, code)).body['refresh_token'])
    }
    const issued = oauth.issue('demo@gmail.test', [modify])
    const first = await granted()
    assert.equal((await refresh(base, first)).status, 200)
    for (let count = 0; count < 100; count += 1) await granted()
    assert.equal((await refresh(base, first)).body['error'], 'invalid_grant')
    assert.equal((await refresh(base, issued.refreshToken)).status, 200)
    const last = await granted()
    clock.now += 181 * 24 * 3_600_000
    assert.equal((await refresh(base, last)).body['error'], 'invalid_grant')
  })

  it('survives a restart with all its tokens', async () => {
    const before = await start()
    const { accessToken, refreshToken } = before.oauth.issue('demo@gmail.test', [modify])
    before.oauth.refuse('invalid_rapt')
    const saved: unknown = JSON.parse(JSON.stringify(before.oauth.state()))
    const after = await start()
    after.oauth.restore(saved)
    assert.deepEqual(after.oauth.verify(accessToken), before.oauth.verify(accessToken))
    assert.equal((await refresh(after.base, refreshToken)).body['error_subtype'], 'invalid_rapt')
    after.oauth.refuse(undefined)
    assert.equal((await refresh(after.base, refreshToken)).status, 200)
    assert.throws(() => after.oauth.restore({}), TypeError)
  })
})

describe('revoke, tokeninfo and userinfo', () => {
  it('end a grant by either of its tokens', async () => {
    const { base, oauth } = await start()
    const one = oauth.issue('demo@gmail.test', [modify])
    const two = oauth.issue('demo@gmail.test', [modify])
    assert.equal((await fetch(`${base}/revoke?token=${one.accessToken}`, { method: 'POST' })).status, 200)
    assert.equal((await refresh(base, one.refreshToken)).body['error'], 'invalid_grant')
    assert.equal((await post(`${base}/revoke`, { token: two.refreshToken })).status, 200)
    assert.equal(oauth.verify(two.accessToken), undefined)
    const again = await post(`${base}/revoke`, { token: two.refreshToken })
    assert.deepEqual([again.status, again.body['error']], [400, 'invalid_token'])
  })

  it('tell what a token may do, and who it is only when that was granted', async () => {
    const { base, oauth } = await start()
    const mail = oauth.issue('demo@gmail.test', [modify])
    const info = (token: string) =>
      fetch(`${base}/tokeninfo`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    const told = (await (await info(mail.accessToken)).json()) as Json
    assert.equal(told['scope'], modify)
    assert.equal(told['expires_in'], '3599')
    assert.equal('email' in told, false)
    assert.equal((await info('nonsense')).status, 400)
    const user = (path: string, token: string) =>
      fetch(`${base}${path}`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal((await user('/v1/userinfo', mail.accessToken)).status, 401)
    const full = oauth.issue('demo@gmail.test', ['openid', 'https://www.googleapis.com/auth/userinfo.email'])
    const claims = (await (await user('/v1/userinfo', full.accessToken)).json()) as Json
    const older = (await (await user('/oauth2/v2/userinfo', full.accessToken)).json()) as Json
    assert.equal(claims['email'], 'demo@gmail.test')
    assert.equal(claims['email_verified'], true)
    assert.deepEqual([older['id'], older['email']], [claims['sub'], claims['email']])
    assert.equal(((await (await info(full.accessToken)).json()) as Json)['email'], 'demo@gmail.test')
  })

  it('sign ID tokens with the published key', async () => {
    const { base } = await start()
    const url = authorizeUrl(base, { scope: `openid email profile ${modify}`, nonce: 'n-1' })
    const code = landing(await press(base, url, 'allow')).get('code') ?? ''
    const { body } = await exchange(base, code)
    const [header = '', claims = '', signature = ''] = String(body['id_token']).split('.')
    const { keys } = (await (await fetch(`${base}/oauth2/v3/certs`)).json()) as { keys: object[] }
    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
    assert.ok(
      verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')),
    )
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Json
    assert.deepEqual(
      [read['iss'], read['aud'], read['email'], read['nonce'], read['name']],
      ['https://accounts.google.com', 'client.apps.test', 'demo@gmail.test', 'n-1', 'Dora <Demo>'],
    )
  })
})

describe('a service account', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ format: 'pem', type: 'spki' })
  const assertion = (claims: Json, algorithm = 'RS256') => {
    const part = (value: Json) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const text = `${part({ alg: algorithm, typ: 'JWT' })}.${part(claims)}`
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`
  }

  it('speaks for an account with the scopes that were authorised', async () => {
    const { base, oauth, clock } = await start()
    oauth.addServiceAccount({ email: 'robot@p.iam.test', publicKey: pem, clientId: '1234', scopes: [modify] })
    const now = Math.floor(clock.now / 1000)
    const claims = {
      iss: 'robot@p.iam.test',
      sub: 'demo@gmail.test',
      scope: modify,
      aud: `${base}/token`,
      iat: now,
      exp: now + 3600,
    }
    const ask = (changes: Json = {}, algorithm?: string) =>
      post(`${base}/token`, {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertion({ ...claims, ...changes }, algorithm),
      })
    const good = await ask()
    assert.equal(good.status, 200)
    assert.equal('refresh_token' in good.body, false)
    assert.deepEqual(oauth.verify(String(good.body['access_token'])), {
      address: 'demo@gmail.test',
      clientId: '1234',
      scopes: [modify],
      expiresAt: clock.now + 3_599_000,
    })
    assert.equal((await ask({ aud: 'https://oauth2.googleapis.com/token' })).status, 200)
    const pubsub = 'https://www.googleapis.com/auth/pubsub'
    const itself = await ask({ sub: undefined, scope: pubsub })
    assert.equal(oauth.verify(String(itself.body['access_token']))?.address, 'robot@p.iam.test')
    assert.equal((await ask({ sub: undefined, scope: `${pubsub} ${modify}` })).status, 401)
    const wrong: [Json, string][] = [
      [{ iss: 'nobody@p.iam.test' }, 'invalid_grant'],
      [{ sub: 'stranger@gmail.test' }, 'invalid_grant'],
      [{ sub: 'not-an-address' }, 'invalid_request'],
      [{ sub: undefined }, 'unauthorized_client'],
      [{ scope: settings }, 'unauthorized_client'],
      [{ scope: 'nonsense' }, 'invalid_scope'],
      [{ aud: 'https://elsewhere.test/token' }, 'invalid_grant'],
      [{ exp: now + 7200 }, 'invalid_grant'],
      [{ iat: now - 7200, exp: now - 3600 }, 'invalid_grant'],
    ]
    for (const [changes, error] of wrong) {
      assert.equal((await ask(changes)).body['error'], error, JSON.stringify(changes))
    }
    assert.equal((await ask({}, 'none')).body['error'], 'invalid_grant')
    const forged = assertion(claims).split('.')
    forged[2] = Buffer.alloc(256).toString('base64url')
    const refused = await post(`${base}/token`, {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: forged.join('.'),
    })
    assert.equal(refused.body['error_description'], 'Invalid JWT Signature.')
  })
})
