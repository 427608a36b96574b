/** Where `gmail/` gets access tokens from without knowing what a grant is. */
export interface TokenSource {
  /** A token that is good for at least another minute. Throws GrantError when the grant has ended, MailError `unavailable` otherwise. */
  accessToken(signal?: AbortSignal): Promise<string>
  /** Gmail answered 401 to this token: do not give it out again. */
  reject(accessToken: string): void
  /** Gmail took this token: what it says to the next one is another matter. */
  accepted?(accessToken: string): void
}
