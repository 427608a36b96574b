import type { Interruption } from '#wire/connection.ts'

export interface SessionLimits {
  readonly lineBytesBeforeLogin: number
  readonly lineBytes: number
  /** More than this nobody puts in, whatever the mailbox takes. */
  readonly messageBytes: number
  readonly badBeforeLogin: number
  readonly bad: number
  readonly idleMs: number
}

/** After Dovecot and mox. facts/reliability.md section 5. */
export const sessionLimits: SessionLimits = {
  lineBytesBeforeLogin: 8 * 1024,
  lineBytes: 128 * 1024,
  messageBytes: 52_428_800,
  badBeforeLogin: 3,
  bad: 20,
  idleMs: 30 * 60_000,
}

/** Why the house ends a session, as the client hears it. */
export const farewells: Readonly<Record<Interruption, string>> = {
  'login-timeout': 'The login took too long',
  idle: 'Nothing came for too long',
  slow: 'The message comes too slowly',
  crowded: '[UNAVAILABLE] Too many connections',
  revoked: 'The password was revoked',
  stopping: '[UNAVAILABLE] Postern is shutting down',
}
