import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TokenInfo } from '../grants.ts'
import { acceptForms, formOf } from '../pages/defence.ts'
import { accessTokenSeconds } from './grant-book.ts'
import type { OAuthParts } from './oauth.ts'
import { scopeNames } from './scopes.ts'
import { subjectOf } from './signing-key.ts'
import { sendError, tellsIdentity } from './token-routes.ts'

/** Who a token speaks for, and the keys that ID tokens are signed with. */
export function registerIdentity(app: FastifyInstance, parts: OAuthParts): void {
  void app.register(async (scope) => {
    acceptForms(scope, 65_536)

    for (const method of ['GET', 'POST'] as const) {
      for (const url of ['/tokeninfo', '/oauth2/v3/tokeninfo']) {
        scope.route({ method, url, handler: (request, reply) => tokenInfo(request, reply, parts) })
      }
      for (const url of ['/v1/userinfo', '/oauth2/v3/userinfo']) {
        scope.route({
          method,
          url,
          handler: (request, reply) => {
            const token = bearer(request, parts)
            if (token !== undefined && tellsIdentity(token.scopes))
              return reply.send(openIdClaims(token, parts))
            reply.header(
              'WWW-Authenticate',
              'Bearer realm="https://accounts.google.com/", error="invalid_token"',
            )
            return sendError(reply, {
              status: 401,
              error: 'invalid_request',
              description: 'Invalid Credentials',
            })
          },
        })
      }
    }

    scope.get('/oauth2/v2/userinfo', (request, reply) => {
      const token = bearer(request, parts)
      if (token !== undefined && tellsIdentity(token.scopes)) {
        const { sub, email, email_verified, name } = openIdClaims(token, parts)
        return reply.send({ id: sub, email, verified_email: email_verified, name })
      }
      const message =
        'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.'
      return reply.code(401).send({ error: { code: 401, message, status: 'UNAUTHENTICATED' } })
    })

    scope.get('/oauth2/v3/certs', async (_request, reply) => {
      reply.header('Cache-Control', 'public, max-age=3600')
      return parts.signingKey.keySet()
    })
  })
}

function bearer(request: FastifyRequest, parts: OAuthParts): TokenInfo | undefined {
  const token = tokenText(request)
  return token === undefined ? undefined : parts.grants.verify(token)
}

function tokenText(request: FastifyRequest): string | undefined {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ', 2)
  if (scheme?.toLowerCase() === 'bearer' && token !== undefined) return token
  return formOf(request, true).get('access_token') ?? undefined
}

function openIdClaims({ address, scopes }: TokenInfo, parts: OAuthParts) {
  const email = scopes.includes(scopeNames.email)
  return {
    sub: subjectOf(address),
    name: scopes.includes(scopeNames.profile) ? parts.nameOf(address) : undefined,
    email: email ? address : undefined,
    email_verified: email ? true : undefined,
  }
}

/** Numbers are strings here, as Google has them. */
function tokenInfo(request: FastifyRequest, reply: FastifyReply, parts: OAuthParts) {
  const token = bearer(request, parts)
  if (token === undefined) {
    return sendError(reply, { status: 400, error: 'invalid_token', description: 'Invalid Value' })
  }
  const left = Math.floor((token.expiresAt - parts.options.now()) / 1000)
  // The simulator's own tokens never expire; programs that add this up as a date want something near.
  const seconds = Math.min(left, accessTokenSeconds)
  const { sub, email, email_verified } = openIdClaims(token, parts)
  return reply.send({
    azp: token.clientId,
    aud: token.clientId,
    ...(tellsIdentity(token.scopes) ? { sub } : {}),
    scope: token.scopes.join(' '),
    exp: String(Math.floor(parts.options.now() / 1000) + seconds),
    expires_in: String(seconds),
    email,
    ...(email_verified === undefined ? {} : { email_verified: 'true' }),
    access_type: 'offline',
  })
}
