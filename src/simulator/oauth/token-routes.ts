import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { acceptForms, formOf } from '../pages/defence.ts'
import { isProof } from './code-book.ts'
import { accessTokenSeconds } from './grant-book.ts'
import type { OAuthParts } from './oauth.ts'
import { refusal, type TokenError } from './refusals.ts'
import { isSignInScope, readScopes, scopeNames } from './scopes.ts'
import { accessTokenHash, subjectOf } from './signing-key.ts'

interface TokenAnswer {
  access_token: string
  expires_in: number
  scope?: string
  token_type: 'Bearer'
  refresh_token?: string
  id_token?: string
}

/** The token endpoint and the revocation endpoint. Fact sheet sections 5.3 to 5.5. */
export function registerTokens(app: FastifyInstance, parts: OAuthParts): void {
  void app.register(async (scope) => {
    acceptForms(scope, 65_536)

    scope.post('/token', async (request, reply) => {
      const form = formOf(request, true)
      const answer = await grantFor(form, request, parts)
      reply.header('Cache-Control', 'no-store').header('Pragma', 'no-cache')
      return 'error' in answer ? sendError(reply, answer) : answer
    })

    for (const method of ['GET', 'POST'] as const) {
      scope.route({
        method,
        url: '/revoke',
        handler: (request, reply) => {
          const token = formOf(request, true).get('token')
          if (token !== null && parts.grants.revoke(token)) return reply.send({})
          return sendError(reply, {
            status: 400,
            error: 'invalid_token',
            description: 'Token expired or revoked',
          })
        },
      })
    }
  })
}

export function sendError(reply: FastifyReply, { status, error, description, uri, subtype }: TokenError) {
  return reply
    .code(status)
    .send({ error, error_description: description, error_uri: uri, error_subtype: subtype })
}

async function grantFor(
  form: URLSearchParams,
  request: FastifyRequest,
  parts: OAuthParts,
): Promise<TokenAnswer | TokenError> {
  const type = form.get('grant_type')
  if (type === 'urn:ietf:params:oauth:grant-type:jwt-bearer') return assertionGrant(form, parts)
  if (type === null) return wrong('invalid_request', 'Required parameter is missing: grant_type')
  if (type !== 'authorization_code' && type !== 'refresh_token') {
    return wrong('unsupported_grant_type', `Invalid grant_type: ${type}`)
  }
  const stranger = checkClient(form, request, parts)
  if (stranger !== undefined) return stranger
  return type === 'refresh_token' ? refreshGrant(form, parts) : codeGrant(form, parts)
}

/** Client authentication by form or by HTTP Basic. RFC 6749 section 2.3.1. */
function checkClient(
  form: URLSearchParams,
  request: FastifyRequest,
  parts: OAuthParts,
): TokenError | undefined {
  let id = form.get('client_id')
  let secret = form.get('client_secret')
  const authorization = request.headers.authorization
  if (authorization?.startsWith('Basic ') === true) {
    const text = Buffer.from(authorization.slice(6), 'base64').toString('utf8')
    const colon = text.indexOf(':')
    if (colon === -1) return { status: 401, error: 'invalid_client', description: 'Unauthorized' }
    id = unescapeField(text.slice(0, colon))
    secret = unescapeField(text.slice(colon + 1))
  }
  if (id === null || id === '') return wrong('invalid_request', 'Could not determine client ID from request.')
  if (id !== parts.options.clientId) return refusal('invalid_client')
  if (secret === null || secret === '') return wrong('invalid_request', 'client_secret is missing.')
  if (secret !== parts.options.clientSecret) {
    return { status: 401, error: 'invalid_client', description: 'Unauthorized' }
  }
  return undefined
}

async function codeGrant(form: URLSearchParams, parts: OAuthParts): Promise<TokenAnswer | TokenError> {
  const code = form.get('code')
  if (code === null || code === '') return wrong('invalid_request', 'Missing required parameter: code')
  const permission = parts.codes.takeCode(code)
  if (permission === undefined) return wrong('invalid_grant', 'Bad Request')
  const { request, address, scopes } = permission
  if (form.get('redirect_uri') !== request.redirectUri) return wrong('redirect_uri_mismatch', 'Bad Request')
  const verifier = form.get('code_verifier')
  if (request.challenge !== undefined) {
    if (verifier === null) return wrong('invalid_grant', 'Missing code verifier.')
    if (!isProof(verifier, request.challenge)) return wrong('invalid_grant', 'Invalid code verifier.')
  } else if (verifier !== null) {
    return wrong('invalid_grant', 'Code verifier is given, but there was no code challenge.')
  }
  const grant = parts.grants.add(address, request.clientId, scopes)
  const accessToken = parts.grants.accessToken(grant)
  const answer = answerWith(accessToken, scopes)
  // Always, for an installed app. Fact sheet section 5.3.
  answer.refresh_token = grant.refreshToken
  return withIdToken(answer, address, scopes, parts, request.nonce)
}

async function refreshGrant(form: URLSearchParams, parts: OAuthParts): Promise<TokenAnswer | TokenError> {
  const refreshToken = form.get('refresh_token')
  if (refreshToken === null || refreshToken === '') {
    return wrong('invalid_request', 'Missing required parameter: refresh_token')
  }
  if (parts.refusing.kind !== undefined) return refusal(parts.refusing.kind)
  const grant = parts.grants.grant(refreshToken)
  if (grant === undefined) return refusal('invalid_grant')
  let scopes = grant.scopes
  const asked = form.get('scope')
  if (asked !== null && asked.trim() !== '') {
    const read = readScopes(asked)
    if (read.unknown.length > 0 || read.scopes.some((scope) => !grant.scopes.includes(scope))) {
      return wrong('invalid_scope', 'Bad Request')
    }
    scopes = read.scopes
  }
  const accessToken = parts.grants.accessToken(grant, scopes)
  return withIdToken(answerWith(accessToken, scopes), grant.address, scopes, parts)
}

function assertionGrant(form: URLSearchParams, parts: OAuthParts): TokenAnswer | TokenError {
  const assertion = form.get('assertion')
  if (assertion === null) return wrong('invalid_request', 'Required parameter is missing: assertion')
  if (parts.refusing.kind !== undefined) return refusal(parts.refusing.kind)
  const checked = parts.serviceAccounts.check(assertion, {
    nowMs: parts.options.now(),
    tokenUrl: `${parts.options.baseUrl()}/token`,
    hasAccount: (address) => parts.accountOf(address) !== undefined,
  })
  if ('error' in checked) return checked
  const address = parts.accountOf(checked.address) ?? checked.address
  const answer = answerWith(parts.grants.serviceAccessToken(address, checked.clientId, checked.scopes), [])
  // No refresh token and no scope: the client said in the assertion what it wanted.
  delete answer.scope
  return answer
}

function answerWith(accessToken: string, scopes: readonly string[]): TokenAnswer {
  return {
    access_token: accessToken,
    expires_in: accessTokenSeconds,
    scope: scopes.join(' '),
    token_type: 'Bearer',
  }
}

async function withIdToken(
  answer: TokenAnswer,
  address: string,
  scopes: readonly string[],
  parts: OAuthParts,
  nonce?: string,
): Promise<TokenAnswer> {
  if (!scopes.includes(scopeNames.openid)) return answer
  const now = Math.floor(parts.options.now() / 1000)
  const { clientId } = parts.options
  answer.id_token = await parts.signingKey.sign({
    iss: 'https://accounts.google.com',
    azp: clientId,
    aud: clientId,
    sub: subjectOf(address),
    ...(scopes.includes(scopeNames.email) ? { email: address, email_verified: true } : {}),
    ...(scopes.includes(scopeNames.profile) ? { name: parts.nameOf(address) } : {}),
    at_hash: accessTokenHash(answer.access_token),
    ...(nonce === undefined ? {} : { nonce }),
    iat: now,
    exp: now + 3600,
  })
  return answer
}

/** RFC 6749 section 2.3.1 wants both halves form-encoded; what is not stays as it is. */
function unescapeField(text: string): string {
  return new URLSearchParams(`field=${text.replaceAll('&', '%26')}`).get('field') ?? ''
}

function wrong(error: string, description: string): TokenError {
  return { status: 400, error, description }
}

/** Whether any of these scopes tells who somebody is. */
export function tellsIdentity(scopes: readonly string[]): boolean {
  return scopes.some(isSignInScope)
}
