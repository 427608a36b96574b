import { readFile } from 'node:fs/promises'
import { JWT, OAuth2Client } from 'google-auth-library'
import type { Credentials } from 'google-auth-library'
import { z } from 'zod'
import { GrantError, MailError } from '#mail/errors.ts'
import { signedAssertion } from './delegation.ts'
import type { Endpoints } from './endpoints.ts'
import { failedAnswer } from './google-http.ts'
import type { GoogleHttp } from './google-http.ts'
import type { Grant } from './grant.ts'
import { endOf, isClockTrouble, readRefusal, sentenceOf } from './refusal.ts'

/** What the token endpoint gave. */
export interface FreshToken {
  readonly accessToken: string
  /** As received: how long it is good from now on. */
  readonly lifetimeMs: number
  /** Google rarely sends another refresh token; when it does, the old one may end. */
  readonly refreshToken: string | undefined
  /** Undefined for service accounts, which are told no scopes. */
  readonly scopes: readonly string[] | undefined
}

const serviceAccountKey = z.object({ client_email: z.string().min(1), private_key: z.string().min(1) })

/** A lifetime that no sane server gives is taken for an hour. */
const longestLifetimeMs = 24 * 3600_000
const usualLifetimeMs = 3600_000

/** One request for an access token. Throws GrantError when the grant has ended, MailError `unavailable` otherwise. */
export async function requestToken(
  grant: Grant,
  http: GoogleHttp,
  endpoints: Endpoints,
): Promise<FreshToken> {
  if (grant.kind === 'keyless')
    return await exchange(await signedAssertion(grant, http, endpoints), http, endpoints)
  const client =
    grant.kind === 'service-account'
      ? await delegate(grant, http)
      : new OAuth2Client({
          clientId: grant.clientId,
          ...(grant.clientSecret === undefined ? {} : { clientSecret: grant.clientSecret }),
          endpoints: { oauth2TokenUrl: endpoints.tokenUrl },
          transporter: http,
        })
  let fresh: FreshToken | undefined
  // The event is the only place that tells a rotated refresh token: afterwards the library puts the old one back.
  // It is emitted at once, so that what is left of expiry_date is the received lifetime. Fact sheet section 5.6.
  client.once('tokens', (tokens) => {
    fresh = freshToken(tokens)
  })
  if (grant.kind === 'refresh-token') client.setCredentials({ refresh_token: grant.refreshToken })
  try {
    if (client instanceof JWT) await client.authorize()
    else await client.refreshAccessToken()
  } catch (error) {
    throw failure(error, grant.kind)
  }
  if (fresh === undefined) throw new MailError('unavailable', 'Google gave an answer without an access token')
  return fresh
}

/** What the library does with an assertion that it signed itself. RFC 7523 section 2.1. */
async function exchange(assertion: string, http: GoogleHttp, { tokenUrl }: Endpoints): Promise<FreshToken> {
  let data: unknown
  try {
    ;({ data } = await http.request({
      url: tokenUrl,
      method: 'POST',
      data: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
      responseType: 'json',
    }))
  } catch (error) {
    throw failure(error, 'keyless')
  }
  const { access_token, expires_in } = (data ?? {}) as { access_token?: unknown; expires_in?: unknown }
  const fresh = freshToken({
    access_token: typeof access_token === 'string' ? access_token : null,
    expiry_date: Date.now() + Number(expires_in) * 1000,
  })
  if (fresh === undefined) throw new MailError('unavailable', 'Google gave an answer without an access token')
  return fresh
}

async function delegate(
  { keyFile, subject, scopes }: Grant & { kind: 'service-account' },
  http: GoogleHttp,
): Promise<JWT> {
  let key: z.infer<typeof serviceAccountKey>
  try {
    key = serviceAccountKey.parse(JSON.parse(await readFile(keyFile, 'utf8')))
  } catch (error) {
    // A parser's message may quote the key.
    const code = (error as NodeJS.ErrnoException).code ?? 'not a key in JSON'
    throw new MailError('unavailable', 'The service account key file cannot be read', {
      cause: new Error(code),
    })
  }
  return new JWT({
    email: key.client_email,
    key: key.private_key,
    scopes: [...scopes],
    subject,
    transporter: http,
    // Said so that GOOGLE_CLOUD_UNIVERSE_DOMAIN cannot change what is asked for.
    universeDomain: 'googleapis.com',
  })
}

function freshToken(tokens: Credentials): FreshToken | undefined {
  if (typeof tokens.access_token !== 'string' || tokens.access_token === '') return undefined
  const left = (tokens.expiry_date ?? Number.NaN) - Date.now()
  return {
    accessToken: tokens.access_token,
    lifetimeMs: left >= 0 && left <= longestLifetimeMs ? left : usualLifetimeMs,
    refreshToken: tokens.refresh_token ?? undefined,
    scopes: tokens.scope?.split(' ').filter((scope) => scope !== ''),
  }
}

function failure(error: unknown, kind: Grant['kind']): MailError {
  const { status, body, word } = failedAnswer(error)
  const refusal = status === undefined ? undefined : readRefusal(status, body)
  if (refusal === undefined) {
    const happened = status === undefined ? `no answer (${word})` : `HTTP ${status}`
    return new MailError('unavailable', 'Google gives no access token at the moment', {
      cause: new Error(`token endpoint: ${happened}`),
    })
  }
  const cause = new Error(`token endpoint: ${refusal.error} ${refusal.subtype}: ${refusal.description}`)
  if (isClockTrouble(refusal))
    return new MailError('unavailable', 'The clock of this machine is wrong: Google refuses its signature', {
      cause,
    })
  const end = endOf(refusal, kind)
  return end === undefined
    ? new MailError('unavailable', 'Google gives no access token at the moment', { cause })
    : new GrantError(end, sentenceOf(end), { cause })
}
