import type { Admission } from '#mail/doorman.ts'
import type { MaildropKeeper } from '#mail/maildrop.ts'
import { connectionLimits } from '#wire/connection-book.ts'
import type { ConnectionLimits } from '#wire/connection-book.ts'
import { DoorServer } from '#wire/door-server.ts'
import type { DoorSurroundings } from '#wire/door-server.ts'
import { FactsBook } from './facts-book.ts'
import { refusal } from './refusals.ts'
import { sessionLimits } from './session-limits.ts'
import type { SessionLimits } from './session-limits.ts'
import { Session } from './session.ts'

/** As many as a mail client takes in without a thought; Gmail's own POP3 gives about 250. */
const defaultBatch = 500

export interface Pop3ServerOptions extends DoorSurroundings {
  /** The keeper of the account that somebody was admitted to. */
  keeperOf(admission: Admission): MaildropKeeper
  readonly listeners: {
    readonly host: string
    /** Clear with STLS; 0 for any free port, undefined for none. */
    readonly pop3Port?: number | undefined
    /** TLS from the first octet. */
    readonly pop3sPort?: number | undefined
  }
  /** Messages that one session sees; 500. 0: no bound. */
  readonly batch?: number
  /** Whether a message that was retrieved is on offer no more; true, as at Gmail. Never for `recent:`. */
  readonly poppedOnce?: boolean
  readonly limits?: Partial<ConnectionLimits & SessionLimits>
}

/** A session that the server ends, for whatever reason, ends without an UPDATE. */
export type Pop3Server = DoorServer<'pop3' | 'pop3s'>

export function createPop3Server(options: Pop3ServerOptions): Pop3Server {
  const { listeners, batch = defaultBatch, poppedOnce = true, ...surroundings } = options
  const { certificate, clock, plainLoginAllowed } = options
  const limits = { ...connectionLimits, ...sessionLimits, ...options.limits }
  const facts = new FactsBook()
  return new DoorServer({
    ...surroundings,
    door: 'pop3',
    host: listeners.host,
    listeners: {
      pop3: { port: listeners.pop3Port, tls: 'none' },
      pop3s: { port: listeners.pop3sPort, tls: 'implicit' },
    },
    limits,
    refusal: refusal('Too many connections', 'SYS/TEMP'),
    receive: (caller) =>
      new Session({
        ...caller,
        certificate,
        keeperOf: (admission) => options.keeperOf(admission),
        facts,
        plainLoginAllowed,
        batch,
        poppedOnce,
        limits,
        clock,
        log: caller.visit.log,
      }),
  })
}
