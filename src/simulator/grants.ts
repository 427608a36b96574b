/**
 * What the OAuth side of the simulator tells the Gmail side. Written here so that the two halves meet in one place.
 */

/** Whom an access token speaks for, and what it may do. */
export interface TokenInfo {
  /** The mailbox the token belongs to. */
  address: string
  /** The scopes that were granted, full URLs. */
  scopes: readonly string[]
  clientId: string
  /** Milliseconds since 1970 on the simulator's clock. */
  expiresAt: number
}

/** The grants that people have given. */
export interface Grants {
  /** Undefined for a token that is unknown, expired or revoked. */
  verify(accessToken: string): TokenInfo | undefined
  /** Every grant of this mailbox ends, access tokens too. */
  revokeAll(address: string): void
  /** A new grant without any person: for the tokens the simulator hands out itself. */
  issue(address: string, scopes: readonly string[]): { accessToken: string; refreshToken: string }
}
