import { connectionLimits } from '#wire/connection-book.ts'
import type { ConnectionLimits } from '#wire/connection-book.ts'
import { DoorServer } from '#wire/door-server.ts'
import type { DoorSurroundings } from '#wire/door-server.ts'
import { Hold, messageMemoryBytes } from '#wire/hold.ts'
import { sessionLimits } from './session-limits.ts'
import type { SessionLimits } from './session-limits.ts'
import { Session } from './session.ts'

export interface ImapServerOptions extends DoorSurroundings {
  readonly listeners: {
    readonly host: string
    /** Clear with STARTTLS; 0 for any free port, undefined for none. */
    readonly imapPort?: number | undefined
    /** TLS from the first octet. */
    readonly imapsPort?: number | undefined
  }
  readonly limits?: Partial<ConnectionLimits & SessionLimits>
  /** Room in memory for messages that are put in, shared with whoever else takes some; the server has its own when none is given. */
  readonly hold?: Hold
  readonly hiddenCapabilities?: readonly string[]
}

export type ImapServer = DoorServer<'imap' | 'imaps'>

export function createImapServer(options: ImapServerOptions): ImapServer {
  const { listeners, hold = new Hold(messageMemoryBytes), ...surroundings } = options
  const { certificate, clock, plainLoginAllowed } = options
  const limits = { ...connectionLimits, ...sessionLimits, ...options.limits }
  const hiddenCapabilities = new Set(options.hiddenCapabilities?.map((word) => word.toUpperCase()))
  return new DoorServer({
    ...surroundings,
    door: 'imap',
    host: listeners.host,
    listeners: {
      imap: { port: listeners.imapPort, tls: 'none' },
      imaps: { port: listeners.imapsPort, tls: 'implicit' },
    },
    limits,
    refusal: '* BYE [UNAVAILABLE] Too many connections\r\n',
    receive: (caller) =>
      new Session({
        ...caller,
        certificate,
        clock,
        plainLoginAllowed,
        limits,
        hold,
        hiddenCapabilities,
        log: caller.visit.log,
      }),
  })
}
