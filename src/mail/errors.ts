/**
 * Why the mailbox says no. Each protocol has one table that turns a code into its own words
 * (NO [UNAVAILABLE], -ERR [SYS/TEMP], 451); the text is ours, a constant or built from values that are safe on a
 * status line, never text from outside.
 */
export type MailErrorCode =
  /** Gmail cannot be reached or says 5xx; try again. */
  | 'unavailable'
  /** Gmail's quota is used up for now; try again later. */
  | 'throttled'
  /** The grant is revoked or expired; the person must connect again. */
  | 'grant-ended'
  /** No such mailbox. */
  | 'nonexistent'
  /** There is already such a mailbox. */
  | 'already-exists'
  /** This cannot be done here, ever. */
  | 'cannot'
  /** This login or the granted scope does not permit it. */
  | 'not-permitted'
  /** The message is gone. */
  | 'expunged'
  /** A message is larger than may be. */
  | 'too-big'
  /** More of something than may be. */
  | 'limit'
  | 'over-quota'
  /** A disk or database fault of ours. */
  | 'storage'

/** The mailbox says no. Anything else that is thrown is a bug of ours. */
export class MailError extends Error {
  override readonly name = 'MailError'
  readonly code: MailErrorCode

  constructor(code: MailErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** How a grant ended. Fact sheet sections 5.3 and 5.4. */
export type GrantEnd =
  /** Revoked, password changed, unused for six months, or a testing project's seven days: Google does not say which. */
  | 'revoked-or-expired'
  /** The Workspace admin restricts the API. */
  | 'admin-policy'
  /** The Workspace session length ran out (invalid_rapt). */
  | 'session-control'
  /** The OAuth client itself is unknown or its secret wrong. */
  | 'client-invalid'
  /** The service account may not act for this person. */
  | 'delegation-denied'

/** Google gives no more access tokens for this grant. `code` is always `grant-ended`. */
export class GrantError extends MailError {
  readonly end: GrantEnd

  constructor(end: GrantEnd, message: string, options?: ErrorOptions) {
    super('grant-ended', message, options)
    this.end = end
  }
}
