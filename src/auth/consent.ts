import { OAuth2Client } from 'google-auth-library'
import type { Credentials } from 'google-auth-library'
import { MailError } from '#mail/errors.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Clock, Log, RandomBytes } from '#mail/surroundings.ts'
import type { Store } from '#store/store.ts'
import { ConsentError, problemOf } from './consent-error.ts'
import type { Endpoints } from './endpoints.ts'
import { FlowBook } from './flow-book.ts'
import type { Flow } from './flow-book.ts'
import { createGoogleHttp, failedAnswer } from './google-http.ts'
import { saveGrant } from './grant.ts'
import { mailboxOf } from './identity.ts'
import { readRefusal } from './refusal.ts'
import type { OAuthClient } from './oauth-client.ts'
import { isSameMailbox } from './same-mailbox.ts'
import { permits, scopesOf, tierOf } from './scopes.ts'
import type { Tier } from './scopes.ts'
import type { TokenManager } from './token-manager.ts'

/** A mailbox that was connected. */
export interface Connected {
  readonly account: AccountId
  readonly address: string
  /** What was given. */
  readonly tier: Tier
  /** What was asked for: more than `tier` where the person gave only a part. */
  readonly asked: Tier
  /** It was not known before. */
  readonly isNew: boolean
}

/** The consent of a person through the browser, by a loopback redirect. RFC 8252, RFC 9700. */
export interface Consent {
  /** Undefined while it can work, else a sentence that says what is missing. */
  readonly missing: string | undefined
  /** Of the page where a person consents; a form that leads there must name it in its policy. */
  readonly origin: string
  /**
   * Where to send the person. `browser` must stay with who begins (a cookie, or memory) and be shown at the end, within
   * ten minutes. Throws RangeError for a redirect address that is not http or https.
   */
  begin(options: { redirectUri: string; tier: Tier; loginHint?: string | undefined }): {
    readonly url: string
    readonly state: string
    readonly browser: string
  }
  /** `query` is that of the callback. Throws ConsentError; nothing is changed then. */
  finish(options: {
    query: URLSearchParams
    browser: string | undefined
    signal: AbortSignal
  }): Promise<Connected>
}

export function createConsent(options: {
  endpoints: Endpoints
  /** Asked anew each time, since it may be set while Postern runs. */
  client: () => OAuthClient | undefined
  store: Pick<Store, 'accounts' | 'addAccount' | 'setSecret'>
  tokens: Pick<TokenManager, 'renewed'>
  clock: Clock
  randomBytes: RandomBytes
  log: Log
}): Consent {
  const { endpoints, client: currentClient, store, tokens, clock, randomBytes, log } = options
  const http = createGoogleHttp(endpoints)
  const flows = new FlowBook(clock, randomBytes)

  function usable(): OAuthClient {
    const client = currentClient()
    if (client === undefined) throw new ConsentError('client')
    return client
  }

  function clientFor(redirectUri: string, { clientId, clientSecret }: OAuthClient): OAuth2Client {
    return new OAuth2Client({
      clientId,
      ...(clientSecret === undefined ? {} : { clientSecret }),
      redirectUri,
      endpoints: { oauth2AuthBaseUrl: endpoints.authUrl, oauth2TokenUrl: endpoints.tokenUrl },
      transporter: http,
    })
  }

  async function exchange(code: string, flow: Flow, client: OAuthClient): Promise<Credentials> {
    try {
      const { tokens: given } = await clientFor(flow.redirectUri, client).getToken({
        code,
        codeVerifier: flow.verifier,
        redirect_uri: flow.redirectUri,
      })
      return given
    } catch (error) {
      if (error instanceof ConsentError) throw error
      const { status, body, word } = failedAnswer(error)
      const refusal = status === undefined ? undefined : readRefusal(status, body)
      const cause = new Error(`code exchange: ${status ?? word} ${refusal?.error ?? ''}`)
      throw new ConsentError(refusal === undefined ? 'unavailable' : problemOf(refusal.error), { cause })
    }
  }

  async function whose(accessToken: string, scopes: readonly string[], signal: AbortSignal): Promise<string> {
    try {
      return await mailboxOf(accessToken, scopes, { http, endpoints, signal })
    } catch (cause) {
      signal.throwIfAborted()
      const passing = cause instanceof MailError && cause.code === 'unavailable'
      throw new ConsentError(passing ? 'unavailable' : 'no-mailbox', { cause })
    }
  }

  async function save(address: string, grant: Parameters<typeof saveGrant>[2]) {
    try {
      const known = (await store.accounts()).find((row) => isSameMailbox(row.address, address))
      const row = known ?? (await store.addAccount(address))
      await saveGrant(store, row.id, grant)
      return { account: row.id, address: row.address, isNew: known === undefined }
    } catch (cause) {
      throw new ConsentError('storage', { cause })
    }
  }

  async function connect(flow: Flow, code: string, signal: AbortSignal): Promise<Connected> {
    const client = usable()
    const { clientId, clientSecret } = client
    const given = await exchange(code, flow, client)
    const { access_token: accessToken, refresh_token: refreshToken } = given
    if (typeof accessToken !== 'string') throw new ConsentError('unavailable')
    // RFC 6749 section 5.1: no scope in the answer means what was asked for.
    const scopes = given.scope === undefined ? [...scopesOf(flow.tier)] : given.scope.split(' ')
    const tier = permits(scopes, flow.tier) ? flow.tier : tierOf(scopes)
    if (tier === undefined) throw new ConsentError('partial')
    if (typeof refreshToken !== 'string') throw new ConsentError('no-refresh-token')
    const address = await whose(accessToken, scopes, signal)
    if (flow.expected !== undefined && !isSameMailbox(flow.expected, address))
      throw new ConsentError('wrong-account')
    const saved = await save(address, {
      kind: 'refresh-token',
      refreshToken,
      scopes,
      clientId,
      ...(clientSecret === undefined ? {} : { clientSecret }),
    })
    tokens.renewed(saved.account)
    log.info({ account: saved.account, tier, asked: flow.tier, isNew: saved.isNew }, 'account connected')
    return { ...saved, tier, asked: flow.tier }
  }

  return {
    origin: new URL(endpoints.authUrl).origin,
    get missing() {
      return currentClient() === undefined
        ? 'Postern has no OAuth client of Google yet. The page “Google access” leads through making one; or set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET (type "Desktop app") and start Postern again.'
        : undefined
    },

    begin({ redirectUri, tier, loginHint }) {
      const client = clientFor(checkedRedirect(redirectUri), usable())
      const { state, browser, challenge } = flows.add({ redirectUri, tier, expected: loginHint })
      const url = new URL(
        client.generateAuthUrl({
          // Both are needed by clients of the type "Web application" and do no harm to others. Fact sheet section 5.3.
          access_type: 'offline',
          prompt: 'consent',
          scope: [...scopesOf(tier)],
          state,
          ...(loginHint === undefined ? {} : { login_hint: loginHint }),
        }),
      )
      url.searchParams.set('code_challenge', challenge)
      url.searchParams.set('code_challenge_method', 'S256')
      return { url: url.href, state, browser }
    },

    async finish({ query, browser, signal }) {
      const flow = flows.take(query.get('state') ?? '', browser)
      if (flow === 'unknown') throw new ConsentError('unknown-flow')
      if (flow === 'other-browser') throw new ConsentError('other-browser')
      try {
        // RFC 9207: an answer that another server gave is not exchanged at ours.
        if (query.has('iss') && !isIssuer(query.get('iss') as string, endpoints))
          throw new ConsentError('refused')
        const error = query.get('error')
        if (error !== null) throw new ConsentError(problemOf(error))
        const code = query.get('code')
        if (code === null || code === '') throw new ConsentError('refused')
        return await connect(flow, code, signal)
      } catch (error) {
        if (error instanceof ConsentError)
          log.warn({ problem: error.problem, err: error }, 'account not connected')
        throw error
      }
    },
  }
}

function checkedRedirect(uri: string): string {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw new RangeError(`Cannot be called back at ${JSON.stringify(uri.slice(0, 200))}`)
  return uri
}

/** The host of the consent page, or Google by name, with scheme or without: who speaks the same may use that too. */
function isIssuer(issuer: string, { authUrl }: Endpoints): boolean {
  const { origin, host } = new URL(authUrl)
  return [origin, host, 'https://accounts.google.com', 'accounts.google.com'].includes(issuer)
}
