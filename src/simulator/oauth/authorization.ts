import { readScopes } from './scopes.ts'

/** What a client asks for at the authorization endpoint. */
export interface AuthorizationRequest {
  clientId: string
  redirectUri: string
  scopes: readonly string[]
  state: string | undefined
  challenge: { text: string; method: 'S256' | 'plain' } | undefined
  loginHint: string | undefined
  nonce: string | undefined
  includeGranted: boolean
}

/** Wrong in a way that must not lead anywhere: shown to the person. */
export interface AuthorizationRefusal {
  status: number
  error: string
  detail: string
}

/** Wrong in a way that the client is told of by a redirect. RFC 6749 section 4.1.2.1. */
export interface AuthorizationReturn {
  redirectTo: string
}

/** `http://127.0.0.1`, `http://[::1]` or `http://localhost` with any port and path. RFC 8252 section 7.3. */
function isLoopbackRedirect(uri: string): boolean {
  if (uri.length > 2000 || !URL.canParse(uri)) return false
  const url = new URL(uri)
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  return (
    url.protocol === 'http:' && loopback && !uri.includes('#') && url.username === '' && url.password === ''
  )
}

/** The client's address with the answer in its query. */
export function redirectWith(redirectUri: string, answer: Record<string, string | undefined>): string {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries(answer))
    if (value !== undefined) url.searchParams.append(name, value)
  return url.href
}

/** Checks an authorization request as Google does for a desktop client. Fact sheet section 5.3. */
export function readAuthorization(
  query: URLSearchParams,
  clientId: string,
): AuthorizationRequest | AuthorizationRefusal | AuthorizationReturn {
  for (const name of new Set(query.keys())) {
    if (query.getAll(name).length > 1)
      return refuse(400, 'invalid_request', 'A parameter is given more than once.')
  }
  const asked = query.get('client_id')
  if (asked === null) return refuse(400, 'invalid_request', 'Missing required parameter: client_id')
  if (asked !== clientId) return refuse(401, 'invalid_client', 'The OAuth client was not found.')
  const redirectUri = query.get('redirect_uri')
  if (redirectUri === null) return refuse(400, 'invalid_request', 'Missing required parameter: redirect_uri')
  if (!isLoopbackRedirect(redirectUri)) {
    return refuse(
      400,
      'redirect_uri_mismatch',
      'A desktop client must be called back at http://127.0.0.1, http://[::1] or http://localhost.',
    )
  }
  const type = query.get('response_type')
  if (type === null) return refuse(400, 'invalid_request', 'Missing required parameter: response_type')
  if (type !== 'code') return refuse(400, 'unsupported_response_type', 'Only response_type=code is offered.')
  const scopeText = query.get('scope') ?? ''
  const { scopes, unknown } = readScopes(scopeText)
  if (scopes.length + unknown.length === 0)
    return refuse(400, 'invalid_request', 'Missing required parameter: scope')
  if (unknown.length > 0) return refuse(400, 'invalid_scope', 'Some requested scopes were invalid.')
  const method = query.get('code_challenge_method')
  const challengeText = query.get('code_challenge')
  let challenge: AuthorizationRequest['challenge']
  if (challengeText === null) {
    if (method !== null) {
      return refuse(400, 'invalid_request', 'code_challenge_method is given without a code_challenge.')
    }
  } else {
    if (method !== 'S256' && method !== 'plain' && method !== null) {
      return refuse(400, 'invalid_request', 'code_challenge_method must be S256 or plain.')
    }
    if (!/^[A-Za-z0-9._~-]{43,128}$/.test(challengeText)) {
      return refuse(400, 'invalid_request', 'code_challenge must be 43 to 128 unreserved characters.')
    }
    challenge = { text: challengeText, method: method ?? 'plain' }
  }
  const state = query.get('state') ?? undefined
  if (query.get('prompt') === 'none') {
    return { redirectTo: redirectWith(redirectUri, { error: 'interaction_required', state }) }
  }
  return {
    clientId: asked,
    redirectUri,
    scopes,
    state,
    challenge,
    loginHint: query.get('login_hint') ?? undefined,
    nonce: query.get('nonce') ?? undefined,
    includeGranted: query.get('include_granted_scopes') === 'true',
  }
}

function refuse(status: number, error: string, detail: string): AuthorizationRefusal {
  return { status, error, detail }
}
