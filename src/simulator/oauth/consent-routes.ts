import type { FastifyInstance, FastifyReply } from 'fastify'
import {
  acceptForms,
  formOf,
  isOwnForm,
  queryOf,
  requireLoopbackHost,
  setPageHeaders,
} from '../pages/defence.ts'
import { readAuthorization, redirectWith, type AuthorizationRequest } from './authorization.ts'
import { consentPage, consentStyle, refusalPage } from './consent-page.ts'
import type { OAuthParts } from './oauth.ts'
import { isSignInScope } from './scopes.ts'

const path = '/o/oauth2/v2/auth'

/** The authorization endpoint: a person sees who asks for what, and says yes or no. */
export function registerConsent(app: FastifyInstance, parts: OAuthParts): void {
  void app.register(async (scope) => {
    requireLoopbackHost(scope)
    acceptForms(scope, 16_384)

    scope.get('/o/oauth2/style.css', (_request, reply) => {
      setPageHeaders(reply)
      return reply.type('text/css; charset=utf-8').send(consentStyle)
    })

    scope.get(path, (request, reply) => ask(reply, parts, queryOf(request)))

    scope.post(path, (request, reply) => {
      const form = formOf(request)
      const ticket = form.get('request')
      // OpenID Connect lets a client ask by POST too; then there is no decision yet.
      if (ticket === null) return ask(reply, parts, formOf(request, true))
      if (!isOwnForm(request)) {
        return refuse(reply, 403, 'forbidden', 'This answer did not come from the consent page.')
      }
      const asked = parts.codes.takeRequest(ticket)
      if (asked === undefined) {
        return refuse(reply, 400, 'invalid_request', 'This page is too old or has been answered already.')
      }
      return answer(reply, parts, asked, form)
    })
  })
}

function ask(reply: FastifyReply, parts: OAuthParts, query: URLSearchParams) {
  const read = readAuthorization(query, parts.options.clientId)
  if ('redirectTo' in read) return redirect(reply, read.redirectTo)
  if ('error' in read) return refuse(reply, read.status, read.error, read.detail)
  return show(reply, parts, read)
}

function show(reply: FastifyReply, parts: OAuthParts, request: AuthorizationRequest, complaint?: string) {
  const accounts = parts.options.accounts().map((address) => ({ address, name: parts.nameOf(address) }))
  const ticket = parts.codes.addRequest(request)
  setPageHeaders(reply, formTarget(request.redirectUri))
  return reply
    .code(complaint === undefined ? 200 : 400)
    .type('text/html; charset=utf-8')
    .send(consentPage({ ticket, request, accounts, ...(complaint === undefined ? {} : { complaint }) }))
}

function answer(
  reply: FastifyReply,
  parts: OAuthParts,
  request: AuthorizationRequest,
  form: URLSearchParams,
) {
  const { redirectUri, state } = request
  if (form.get('decision') !== 'allow')
    return redirect(reply, redirectWith(redirectUri, { error: 'access_denied', state }))
  const address = parts.accountOf(form.get('account') ?? '')
  if (address === undefined) return show(reply, parts, request, 'Choose one of the accounts.')
  const choices = request.scopes.filter((scope) => !isSignInScope(scope))
  const ticked = new Set(form.getAll('scope'))
  // With a single scope there is nothing to tick: Allow means it. Fact sheet section 5.2.
  const refused = new Set(choices.length > 1 ? choices.filter((scope) => !ticked.has(scope)) : [])
  const scopes = request.scopes.filter((scope) => !refused.has(scope))
  if (scopes.length === 0)
    return redirect(reply, redirectWith(redirectUri, { error: 'access_denied', state }))
  const earlier = request.includeGranted ? parts.grants.grantedScopes(address, request.clientId) : []
  const granted = [...new Set([...scopes, ...earlier])]
  const code = parts.codes.addCode({ request, address, scopes: granted })
  return redirect(reply, redirectWith(redirectUri, { state, code, scope: granted.join(' ') }))
}

function refuse(reply: FastifyReply, status: number, error: string, detail: string) {
  setPageHeaders(reply)
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(refusalPage(status, error, detail))
}

function redirect(reply: FastifyReply, location: string) {
  setPageHeaders(reply, formTarget(location))
  return reply.redirect(location, 302)
}

/** Browsers hold form-action against the redirect too. CSP has no way to write `[::1]`, so there the scheme must do. */
function formTarget(uri: string): string {
  const { hostname, origin } = new URL(uri)
  return hostname === '[::1]' ? 'http:' : origin
}
