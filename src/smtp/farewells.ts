import type { Interruption } from '#wire/connection.ts'

/** Why the house ends a session, as the client hears it with 421. RFC 3463. */
export const farewells: Readonly<Record<Interruption, string>> = {
  'login-timeout': '4.4.2 No login within the time for it',
  idle: '4.4.2 Nothing came for too long',
  slow: '4.4.2 The message takes too long',
  crowded: '4.3.2 Too many connections that do not log in',
  revoked: '4.7.0 The password was revoked',
  stopping: '4.3.2 Postern is being closed',
}

/** These wait for the end of a message or command that is under way; what it does is not to be thrown away. */
export const patient: ReadonlySet<Interruption> = new Set(['revoked', 'stopping'])
