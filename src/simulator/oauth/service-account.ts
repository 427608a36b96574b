import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { isCloudScope, isSignInScope, readScopes } from './scopes.ts'
import { refusal, type TokenError } from './refusals.ts'

/** A service account that an administrator has authorised. Fact sheet section 5.5. */
export interface ServiceAccount {
  /** `iss` of its assertions. */
  readonly email: string
  /** Public or private key in PEM; only the public half is kept. */
  readonly publicKey: string
  /** The numeric client id; access tokens carry it. */
  readonly clientId?: string
  /** Exactly the scopes that may be asked for. Absent: all of Gmail's. */
  readonly scopes?: readonly string[]
  /** Without domain-wide delegation it may speak for nobody. */
  readonly delegated?: boolean
}

export interface Assertion {
  readonly address: string
  readonly clientId: string
  readonly scopes: readonly string[]
}

const accountLimit = 100
const clockSkewSeconds = 300

/** Google's own names of the token endpoint, which assertions may carry as `aud` however the simulator is reached. */
const googleAudiences = [
  'https://oauth2.googleapis.com/token',
  'https://www.googleapis.com/oauth2/v4/token',
  'https://accounts.google.com/o/oauth2/token',
]

export class ServiceAccounts {
  readonly #accounts = new Map<string, { key: KeyObject; account: ServiceAccount }>()

  add(account: ServiceAccount): void {
    if (this.#accounts.size >= accountLimit && !this.#accounts.has(account.email)) {
      throw new RangeError(
        `Cannot register ${account.email}: there are ${accountLimit} service accounts already`,
      )
    }
    this.#accounts.set(account.email, { key: createPublicKey(account.publicKey), account })
  }

  /** Checks an assertion of RFC 7523 as Google's token endpoint does. */
  check(
    assertion: string,
    surroundings: { nowMs: number; tokenUrl: string; hasAccount(address: string): boolean },
  ): Assertion | TokenError {
    const parts = assertion.split('.')
    const header = readSegment(parts[0])
    const claims = readSegment(parts[1])
    if (parts.length !== 3 || header === undefined || claims === undefined) return invalid('Bad Request')
    if (header['alg'] !== 'RS256') return invalid('Invalid JWT: unsupported algorithm.')
    const issuer = text(claims['iss'])
    const known = this.#accounts.get(issuer)
    if (known === undefined) return invalid('Invalid grant: account not found')
    const signed = Buffer.from(`${parts[0]}.${parts[1]}`)
    if (!verify('RSA-SHA256', signed, known.key, Buffer.from(parts[2] as string, 'base64url'))) {
      return invalid('Invalid JWT Signature.')
    }
    if (![surroundings.tokenUrl, ...googleAudiences].includes(text(claims['aud']))) {
      return invalid('Invalid JWT: Failed audience check.')
    }
    const now = Math.floor(surroundings.nowMs / 1000)
    const issuedAt = claims['iat']
    const expires = claims['exp']
    const inTime =
      typeof issuedAt === 'number' &&
      typeof expires === 'number' &&
      expires > now - clockSkewSeconds &&
      issuedAt < now + clockSkewSeconds &&
      expires - issuedAt <= 3600
    if (!inTime) {
      return invalid(
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      )
    }
    const { scopes, unknown } = readScopes(text(claims['scope']))
    if (unknown.length > 0) return invalidScope(`${unknown.join(' ')} is not a valid audience string.`)
    if (scopes.length === 0) return invalidScope('Empty or missing scope not allowed.')
    const subject = text(claims['sub'])
    // Without a subject it is itself: what it may do its roles say, which nobody has at Gmail.
    if (subject === '' && scopes.every(isCloudScope))
      return { address: issuer, clientId: known.account.clientId ?? issuer, scopes }
    if (subject === '' || known.account.delegated === false) return refusal('unauthorized_client')
    const allowed = known.account.scopes
    // An administrator authorises exact scopes; sign-in scopes are never among them.
    if (scopes.some((scope) => isSignInScope(scope) || allowed?.includes(scope) === false)) {
      return refusal('unauthorized_client')
    }
    if (!subject.includes('@')) return refusal('invalid_request')
    if (!surroundings.hasAccount(subject)) return invalid('Invalid email or User ID')
    return { address: subject.toLowerCase(), clientId: known.account.clientId ?? issuer, scopes }
  }
}

function invalid(description: string): TokenError {
  return { status: 400, error: 'invalid_grant', description }
}

function invalidScope(description: string): TokenError {
  return { status: 400, error: 'invalid_scope', description }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function readSegment(segment: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
