import type { GrantEnd } from '#mail/errors.ts'
import type { Grant } from './grant.ts'

/** An error answer of the token endpoint. RFC 6749 section 5.2. */
interface TokenRefusal {
  readonly error: string
  readonly description: string
  readonly subtype: string
}

/** Undefined for what is no OAuth error: a proxy's or a captive portal's page must not end a grant. */
export function readRefusal(status: number, body: unknown): TokenRefusal | undefined {
  if (![400, 401, 403].includes(status) || typeof body !== 'object' || body === null) return undefined
  const { error, error_description, error_subtype } = body as Record<string, unknown>
  if (typeof error !== 'string') return undefined
  return { error, description: text(error_description), subtype: text(error_subtype) }
}

/**
 * How a refusal ends a grant; undefined when it does not, and trying again later is right.
 * Fact sheet sections 5.3 to 5.5.
 */
export function endOf(refusal: TokenRefusal, kind: Grant['kind']): GrantEnd | undefined {
  const { error, description, subtype } = refusal
  const delegated = kind !== 'refresh-token'
  switch (error) {
    case 'invalid_grant':
      if (subtype === 'invalid_rapt' || description.includes('invalid_rapt')) return 'session-control'
      if (!delegated) return 'revoked-or-expired'
      if (isClockTrouble(refusal)) return undefined
      // The key was deleted, or is another account's.
      if (description.includes('Signature') || description.includes('account not found'))
        return 'client-invalid'
      return 'delegation-denied'
    case 'admin_policy_enforced':
    case 'org_internal':
    case 'access_denied':
      return 'admin-policy'
    case 'invalid_client':
    case 'deleted_client':
    case 'disabled_client':
      return 'client-invalid'
    case 'unauthorized_client':
      return delegated ? 'delegation-denied' : 'client-invalid'
    case 'invalid_scope':
    case 'invalid_request':
      return delegated ? 'delegation-denied' : 'client-invalid'
    default:
      return undefined
  }
}

/** Google checks the times in an assertion against its own clock. */
export function isClockTrouble({ error, description }: TokenRefusal): boolean {
  return error === 'invalid_grant' && description.includes('reasonable timeframe')
}

/** What a person reads. Constant words: nothing that Google wrote. */
export function sentenceOf(end: GrantEnd): string {
  return sentences[end]
}

const sentences: Readonly<Record<GrantEnd, string>> = {
  'revoked-or-expired':
    'Google no longer accepts the permission for this mailbox (revoked, password changed, or expired). Connect the account again',
  'admin-policy':
    'The administrator of this Google Workspace does not allow the access. Ask the administrator to trust the OAuth client, then connect the account again',
  'session-control':
    'The Google Workspace session of this account has run out. Connect the account again, or ask the administrator to exempt the OAuth client from session control',
  'client-invalid':
    'Google does not know the OAuth client or its key. Check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET (or the service account key), then connect the account again',
  'delegation-denied':
    'The service account may not act for this mailbox. In the Google Admin console, authorise its client id for domain-wide delegation with exactly the Gmail scope that is asked for',
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 500) : ''
}
