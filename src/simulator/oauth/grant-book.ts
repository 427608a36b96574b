import type { TokenInfo } from '../grants.ts'

/** Six months without use end a refresh token. Fact sheet section 5.4. */
const unusedLimitMs = 180 * 24 * 3600 * 1000
/** More than this many for one account and client: the oldest is dropped without a word. Fact sheet section 5.4. */
const liveGrantsPerClient = 100
const grantLimit = 5000
const accessTokenLimit = 20_000
/** `expires_in` of a fresh access token, in seconds. */
export const accessTokenSeconds = 3599
/** The latest moment that a Date can hold: a token that does not expire. */
const never = 8.64e15

export interface Grant {
  refreshToken: string
  address: string
  clientId: string
  scopes: readonly string[]
  lastUsedAt: number
  /** Made by the simulator itself: neither age nor number ends it. */
  lasting: boolean
}

interface AccessToken extends TokenInfo {
  /** Absent for a service account. */
  refreshToken?: string
}

export interface GrantBookState {
  grants: Grant[]
  accessTokens: [string, AccessToken][]
}

export interface GrantBookOptions {
  now(): number
  randomBytes(size: number): Buffer
}

/** All grants and access tokens that are alive. Everything in it has an upper limit; the oldest goes first. */
export class GrantBook {
  readonly #options: GrantBookOptions
  readonly #grants = new Map<string, Grant>()
  readonly #accessTokens = new Map<string, AccessToken>()

  constructor(options: GrantBookOptions) {
    this.#options = options
  }

  /** A new grant of a person to a client. */
  add(address: string, clientId: string, scopes: readonly string[], lasting = false): Grant {
    const refreshToken = `1//0${this.#random(48)}`
    const grant: Grant = {
      refreshToken,
      address,
      clientId,
      scopes: [...scopes],
      lastUsedAt: this.#options.now(),
      lasting,
    }
    this.#grants.set(refreshToken, grant)
    const siblings = [...this.#grants.values()].filter(
      (other) => !other.lasting && other.address === address && other.clientId === clientId,
    )
    const oldest = siblings[0]
    if (siblings.length > liveGrantsPerClient && oldest !== undefined) this.#end(oldest.refreshToken)
    const first = this.#grants.keys().next().value
    if (this.#grants.size > grantLimit && first !== undefined) this.#end(first)
    return grant
  }

  /** The living grant behind a refresh token. */
  grant(refreshToken: string): Grant | undefined {
    const grant = this.#grants.get(refreshToken)
    if (grant === undefined) return undefined
    if (grant.lasting || this.#options.now() - grant.lastUsedAt < unusedLimitMs) return grant
    this.#end(refreshToken)
    return undefined
  }

  /** What this person has already granted to this client. */
  grantedScopes(address: string, clientId: string): string[] {
    const scopes = new Set<string>()
    for (const grant of this.#grants.values()) {
      if (grant.address === address && grant.clientId === clientId)
        for (const scope of grant.scopes) scopes.add(scope)
    }
    return [...scopes]
  }

  /** A new access token under a grant, for an hour by the simulator's clock, or for ever. */
  accessToken(grant: Grant, scopes: readonly string[] = grant.scopes, forEver = false): string {
    grant.lastUsedAt = this.#options.now()
    return this.#keep({
      address: grant.address,
      clientId: grant.clientId,
      scopes: [...scopes],
      expiresAt: forEver ? never : this.#options.now() + accessTokenSeconds * 1000,
      refreshToken: grant.refreshToken,
    })
  }

  /** An access token without a grant: a service account speaks for a person. */
  serviceAccessToken(address: string, clientId: string, scopes: readonly string[]): string {
    const expiresAt = this.#options.now() + accessTokenSeconds * 1000
    return this.#keep({ address, clientId, scopes: [...scopes], expiresAt })
  }

  verify(accessToken: string): TokenInfo | undefined {
    const token = this.#accessTokens.get(accessToken)
    if (token === undefined) return undefined
    if (token.expiresAt <= this.#options.now()) {
      this.#accessTokens.delete(accessToken)
      return undefined
    }
    const { address, clientId, scopes, expiresAt } = token
    return { address, clientId, scopes, expiresAt }
  }

  /** Ends the grant behind either kind of token. False for a token that is not alive. */
  revoke(token: string): boolean {
    const access = this.#accessTokens.get(token)
    if (access !== undefined) {
      this.#accessTokens.delete(token)
      if (access.refreshToken !== undefined) this.#end(access.refreshToken)
      return access.expiresAt > this.#options.now()
    }
    if (this.grant(token) === undefined) return false
    this.#end(token)
    return true
  }

  revokeAll(address: string): void {
    const same = address.toLowerCase()
    for (const [key, grant] of this.#grants)
      if (grant.address.toLowerCase() === same) this.#grants.delete(key)
    for (const [key, token] of this.#accessTokens) {
      if (token.address.toLowerCase() === same) this.#accessTokens.delete(key)
    }
  }

  state(): GrantBookState {
    return structuredClone({ grants: [...this.#grants.values()], accessTokens: [...this.#accessTokens] })
  }

  restore(state: GrantBookState): void {
    this.#grants.clear()
    this.#accessTokens.clear()
    for (const grant of structuredClone(state.grants)) this.#grants.set(grant.refreshToken, grant)
    for (const [key, token] of structuredClone(state.accessTokens)) this.#accessTokens.set(key, token)
  }

  #keep(token: AccessToken): string {
    const key = `ya29.a0${this.#random(96)}`
    this.#accessTokens.set(key, token)
    if (this.#accessTokens.size > accessTokenLimit) {
      for (const [oldest, { expiresAt }] of this.#accessTokens) {
        if (expiresAt === never) continue
        this.#accessTokens.delete(oldest)
        break
      }
    }
    return key
  }

  #end(refreshToken: string): void {
    this.#grants.delete(refreshToken)
    for (const [key, token] of this.#accessTokens) {
      if (token.refreshToken === refreshToken) this.#accessTokens.delete(key)
    }
  }

  #random(size: number): string {
    return this.#options.randomBytes(size).toString('base64url')
  }
}
