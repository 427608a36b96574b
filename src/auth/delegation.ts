import { GoogleAuth, gaxios } from 'google-auth-library'
import { GrantError, MailError } from '#mail/errors.ts'
import type { Endpoints } from './endpoints.ts'
import { failedAnswer } from './google-http.ts'
import type { GoogleHttp } from './google-http.ts'

/** A service account that has no key here: whatever identity this machine has lets it sign. */
export interface KeylessAccount {
  /** `name@project.iam.gserviceaccount.com`. */
  readonly principal: string
  /** The person it speaks for. */
  readonly subject: string
  readonly scopes: readonly string[]
}

/** Google checks this, wherever the assertion is really sent. */
const audience = 'https://oauth2.googleapis.com/token'
const lifetimeSeconds = 3600
const signingScope = 'https://www.googleapis.com/auth/iam'

/** The machine's identity and its token, which serve every account. */
const machines = new WeakMap<GoogleHttp, GoogleAuth>()

/**
 * An assertion that lets the service account speak for a person, signed at Google (signJwt of the IAM Credentials API) by
 * leave of this machine's own identity: Application Default Credentials, such as workload identity federation or the metadata
 * server. Neither `Impersonated` nor `ExternalAccountClient` of google-auth-library knows a subject. Throws GrantError and
 * MailError.
 */
export async function signedAssertion(
  { principal, subject, scopes }: KeylessAccount,
  http: GoogleHttp,
  { iamUrl }: Endpoints,
): Promise<string> {
  const machineToken = await tokenOfMachine(http)
  const issuedAt = Math.floor(Date.now() / 1000)
  const claims = {
    iss: principal,
    sub: subject,
    scope: scopes.join(' '),
    aud: audience,
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
  }
  let data: unknown
  try {
    ;({ data } = await http.request({
      url: `${iamUrl}/v1/projects/-/serviceAccounts/${encodeURIComponent(principal)}:signJwt`,
      method: 'POST',
      headers: { authorization: `Bearer ${machineToken}` },
      data: { payload: JSON.stringify(claims) },
      responseType: 'json',
    }))
  } catch (error) {
    const { status, word } = failedAnswer(error)
    const cause = new Error(`signJwt: ${status ?? word}`)
    if (status === 403 || status === 404)
      throw new GrantError(
        'client-invalid',
        'This machine may not sign for the service account. Give its identity the role Service Account Token Creator on it, and enable the IAM Service Account Credentials API',
        { cause },
      )
    throw new MailError('unavailable', 'Google does not sign for the service account at the moment', {
      cause,
    })
  }
  const { signedJwt } = (data ?? {}) as { signedJwt?: unknown }
  if (typeof signedJwt !== 'string' || signedJwt === '')
    throw new MailError('unavailable', 'Google gave an answer without a signed assertion')
  return signedJwt
}

async function tokenOfMachine(http: GoogleHttp): Promise<string> {
  const machine =
    machines.get(http) ??
    new GoogleAuth({
      scopes: [signingScope],
      // Nobody needs the project: without this the library would look for it, with gcloud too.
      projectId: '-',
      clientOptions: { transporter: http, universeDomain: 'googleapis.com' },
    })
  machines.set(http, machine)
  let token: string | null | undefined
  try {
    token = await machine.getAccessToken()
  } catch (error) {
    const answered = error instanceof gaxios.GaxiosError
    const { status, word } = failedAnswer(error)
    throw new MailError(
      'unavailable',
      answered
        ? 'Google gives this machine no access token for its own identity at the moment'
        : 'This machine has no identity at Google. Set GOOGLE_APPLICATION_CREDENTIALS, or run where Google knows the workload',
      // The library's message may quote the credentials.
      { cause: new Error(`identity of this machine: ${status ?? word}`) },
    )
  }
  if (typeof token !== 'string' || token === '')
    throw new MailError('unavailable', 'Google gave this machine an answer without an access token')
  return token
}
