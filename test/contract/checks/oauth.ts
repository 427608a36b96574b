import assert from 'node:assert/strict'
import { fact, farewell, Skipped } from '../check.ts'
import type { Contract, OAuthAccess } from '../contract.ts'
import type { Profile } from '../resources.ts'

interface TokenReply {
  status: number
  body: Record<string, unknown>
}

function access(contract: Contract): OAuthAccess {
  const { oauth } = contract
  if (oauth === undefined) {
    throw new Skipped('it needs --token-url, --refresh-token, --client-id and --client-secret')
  }
  return oauth
}

async function post(contract: Contract, url: URL, form: Record<string, string>): Promise<TokenReply> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams(form).toString()
  const reply = await contract.api.fetch(url, { method: 'POST', headers, body, token: null }, 1)
  return { status: reply.status, body: JSON.parse(reply.text) as Record<string, unknown> }
}

function refresh(contract: Contract, changes: Record<string, string> = {}): Promise<TokenReply> {
  const { tokenUrl, clientId, clientSecret, refreshToken } = access(contract)
  return post(contract, new URL(tokenUrl), {
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
    ...changes,
  })
}

async function freshToken(contract: Contract): Promise<string> {
  const { status, body } = await refresh(contract)
  assert.equal(status, 200, JSON.stringify(body['error']))
  return String(body['access_token'])
}

/** Google has it on a host of its own; the simulator beside the token endpoint. */
function userinfoUrl(tokenUrl: string): URL {
  const beside = new URL('/v1/userinfo', tokenUrl)
  return beside.hostname === 'oauth2.googleapis.com'
    ? new URL('https://openidconnect.googleapis.com/v1/userinfo')
    : beside
}

export const oauth = [
  fact(
    'F§5.3',
    'a refresh answers an access token that works, its life in seconds and its scopes',
    async (contract) => {
      const { status, body } = await refresh(contract)
      assert.equal(status, 200)
      assert.equal(body['token_type'], 'Bearer')
      assert.equal(typeof body['expires_in'], 'number')
      assert.equal(typeof body['scope'], 'string')
      const token = String(body['access_token'])
      const profile = await contract.api.get<Profile>('profile', { token })
      assert.equal(profile.emailAddress, (await contract.profile()).emailAddress)
    },
  ),

  fact('F§5.3', 'a refresh token that never was is an invalid_grant', async (contract) => {
    const { status, body } = await refresh(contract, { refresh_token: '1//not-a-refresh-token' })
    assert.deepEqual([status, body['error']], [400, 'invalid_grant'])
    assert.equal(typeof body['error_description'], 'string')
  }),

  fact('F§5.3', 'an unknown client is a 401 invalid_client', async (contract) => {
    const { status, body } = await refresh(contract, { client_id: 'nobody.apps.googleusercontent.com' })
    assert.deepEqual([status, body['error']], [401, 'invalid_client'])
  }),

  fact('F§5.3', 'tokeninfo tells client, scopes and life of a token, in strings', async (contract) => {
    const url = new URL('/tokeninfo', access(contract).tokenUrl)
    const { status, body } = await post(contract, url, { access_token: await freshToken(contract) })
    assert.equal(status, 200)
    assert.equal(body['aud'], access(contract).clientId)
    assert.match(String(body['scope']), /https:\/\//)
    assert.equal(typeof body['expires_in'], 'string')
  }),

  fact('F§5.3', 'tokeninfo of no token is a 400', async (contract) => {
    const url = new URL('/tokeninfo', access(contract).tokenUrl)
    assert.equal((await post(contract, url, { access_token: 'ya29.nothing' })).status, 400)
  }),

  fact('F§5.3', 'userinfo tells who a token speaks for, if its scopes do', async (contract) => {
    const token = await freshToken(contract)
    const reply = await contract.api.fetch(userinfoUrl(access(contract).tokenUrl), { token }, 1)
    if (reply.status === 401) throw new Skipped("the token's scopes do not permit userinfo")
    assert.equal(reply.status, 200)
    assert.equal(typeof (JSON.parse(reply.text) as { sub: unknown }).sub, 'string')
  }),

  farewell('F§5.3', 'revoking the refresh token ends the grant and its access tokens', async (contract) => {
    const { refreshToken, tokenUrl, mayRevoke } = access(contract)
    if (!mayRevoke) throw new Skipped('it ends the grant: only on a backend of this machine, with --revoke')
    const token = await freshToken(contract)
    const url = new URL('/revoke', tokenUrl)
    assert.equal((await post(contract, url, { token: refreshToken })).status, 200)
    const { status, body } = await refresh(contract)
    assert.deepEqual([status, body['error']], [400, 'invalid_grant'])
    assert.equal((await contract.api.call('profile', { token })).status, 401)
    const again = await post(contract, url, { token: refreshToken })
    assert.deepEqual([again.status, again.body['error']], [400, 'invalid_token'])
  }),
]
