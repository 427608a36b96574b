export interface SessionLimits {
  readonly lineBytes: number
  readonly badBeforeLogin: number
  readonly bad: number
  /** RFC 1939 section 3 asks for at least 10 minutes. */
  readonly idleMs: number
}

/** facts/reliability.md section 5. No lawful line is longer than the initial response of AUTH. */
export const sessionLimits: SessionLimits = {
  lineBytes: 8 * 1024,
  badBeforeLogin: 3,
  bad: 20,
  idleMs: 10 * 60_000,
}
