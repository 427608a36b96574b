import { MailError } from '#mail/errors.ts'
import type { Endpoints } from './endpoints.ts'
import { failedAnswer } from './google-http.ts'
import type { GoogleHttp } from './google-http.ts'
import { tellsMailbox } from './scopes.ts'

/**
 * Whose mailbox an access token opens, as Google spells the address: by getProfile (1 unit), or for a token that may only
 * send by userinfo. Throws MailError `unavailable`, or `not-permitted` when Google does not tell it by this token.
 */
export async function mailboxOf(
  accessToken: string,
  scopes: readonly string[],
  { http, endpoints, signal }: { http: GoogleHttp; endpoints: Endpoints; signal: AbortSignal },
): Promise<string> {
  const byProfile = tellsMailbox(scopes)
  const url = byProfile ? `${endpoints.apiUrl}/gmail/v1/users/me/profile` : endpoints.userInfoUrl
  let data: unknown
  try {
    const headers = { authorization: `Bearer ${accessToken}` }
    ;({ data } = await http.request({ url, headers, responseType: 'json', signal }))
  } catch (error) {
    signal.throwIfAborted()
    const { status, word } = failedAnswer(error)
    const cause = new Error(`${byProfile ? 'getProfile' : 'userinfo'}: ${status ?? word}`)
    throw status === 401 || status === 403
      ? new MailError('not-permitted', 'Google does not say whose mailbox this is', { cause })
      : new MailError('unavailable', 'Google cannot be asked whose mailbox this is', { cause })
  }
  const address = byProfile ? field(data, 'emailAddress') : verifiedEmail(data)
  if (address === undefined) throw new MailError('not-permitted', 'Google does not say whose mailbox this is')
  return address
}

/** The address that Google vouches for. It says `true`, or "true" in tokeninfo. */
export function verifiedEmail(claims: unknown): string | undefined {
  const { email_verified } = (claims ?? {}) as { email_verified?: unknown }
  return email_verified === true || email_verified === 'true' ? field(claims, 'email') : undefined
}

/** An address that may go into the store and onto a page. */
function field(value: unknown, name: string): string | undefined {
  const text =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
  return typeof text === 'string' && isAddress(text) ? text : undefined
}

/** Good enough to name a mailbox: no spaces, no control characters, one sign in the middle. */
export function isAddress(text: string): boolean {
  return text.length <= 320 && /^[^\s@\0-\x1f\x7f]+@[^\s@\0-\x1f\x7f]+$/.test(text)
}
