import type { Admission, Doorman } from '#mail/doorman.ts'
import { MailError } from '#mail/errors.ts'
import type { MaildropKeeper } from '#mail/maildrop.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import type { Connection } from '#wire/connection.ts'
import { ConnectionBook, connectionLimits } from '#wire/connection-book.ts'
import type { ConnectionLimits } from '#wire/connection-book.ts'
import { createGatekeeper, seated } from '#wire/gatekeeper.ts'
import { listen } from '#wire/listener.ts'
import type { Listener } from '#wire/listener.ts'
import { LoginThrottle } from '#wire/login-throttle.ts'
import { FactsBook } from './facts-book.ts'
import { refusal } from './refusals.ts'
import { Session, sessionLimits } from './session.ts'
import type { SessionLimits } from './session.ts'

/** How long commands, the UPDATE of a QUIT among them, may go on once the server closes, and when sockets are cut. */
const finishMs = 5_000
const cutMs = 7_000

/** As many as a mail client takes in without a thought; Gmail's own POP3 gives about 250. */
const defaultBatch = 500

export interface Pop3ServerOptions {
  readonly doorman: Doorman
  /** The keeper of the account that somebody was admitted to. */
  keeperOf(admission: Admission): MaildropKeeper
  readonly certificate: CertificateSource
  readonly clock: Clock
  readonly log: Log
  readonly listeners: {
    readonly host: string
    /** Clear with STLS; 0 for any free port, undefined for none. */
    readonly pop3Port?: number | undefined
    /** TLS from the first octet. */
    readonly pop3sPort?: number | undefined
  }
  /** Whether passwords may cross the network without TLS. From this machine they always may. */
  readonly plainLoginAllowed: boolean
  /** Messages that one session sees; 500. 0: no bound. */
  readonly batch?: number
  /** Whether a message that was retrieved is on offer no more; true, as at Gmail. Never for `recent:`. */
  readonly poppedOnce?: boolean
  readonly limits?: Partial<ConnectionLimits & SessionLimits>
  /** One for all doors; the server makes its own when none is given. */
  readonly throttle?: LoginThrottle
  onEvent?(event: Pop3Event): void
}

type Pop3Event =
  | { readonly kind: 'connected' }
  | { readonly kind: 'command'; readonly name: string; readonly result: 'ok' | 'err'; readonly ms: number }

type Address = { host: string; port: number }

export interface Pop3Server {
  /** Rejects when a port cannot be used; then nothing listens. */
  listen(): Promise<{ pop3?: Address; pop3s?: Address }>
  /** Takes no more clients, lets commands finish, ends all sessions without an UPDATE. Takes less than 10 s. */
  close(): Promise<void>
  /** Clients that are connected. */
  readonly sessionCount: number
  /** Ends the sessions that this client password opened, or all of the account, without an UPDATE. */
  endSessions(address: string, passwordName?: string): void
}

export function createPop3Server(options: Pop3ServerOptions): Pop3Server {
  const { doorman, certificate, clock, log } = options
  const { batch = defaultBatch, poppedOnce = true, plainLoginAllowed } = options
  const limits = { ...connectionLimits, ...sessionLimits, ...options.limits }
  const book = new ConnectionBook(limits)
  const gatekeeper = createGatekeeper(doorman, options.throttle ?? new LoginThrottle(clock), 'pop3')
  const facts = new FactsBook()
  const sessions = new Map<Connection, Session>()
  const admitted = new Map<Connection, Admission>()
  const listeners: Listener[] = []
  /** Resolved whenever a session ends. */
  let oneLeft = Promise.withResolvers<void>()

  async function serve(connection: Connection): Promise<void> {
    const { remoteAddress } = connection
    const sessionLog = log.child({ session: connection.id })
    const session = new Session({
      connection,
      gatekeeper: seated(gatekeeper, (account) => book.seat(connection, account)),
      certificate,
      keeperOf: (admission) => options.keeperOf(admission),
      facts,
      plainLoginAllowed,
      batch,
      poppedOnce,
      limits,
      clock,
      log: sessionLog,
      onCommand: (name, result, ms) => options.onEvent?.({ kind: 'command', name, result, ms }),
      onAdmitted(admission) {
        const { address, passwordName } = admission
        admitted.set(connection, admission)
        book.welcome(connection)
        sessionLog.info(
          { account: address, passwordName, remoteAddress, secure: connection.secure },
          'logged in',
        )
      },
    })
    sessions.set(connection, session)
    options.onEvent?.({ kind: 'connected' })
    try {
      await session.run()
      // Closing takes a while; who has said good-bye may come back at once.
      book.unseat(connection)
      await connection.end()
    } finally {
      sessions.delete(connection)
      admitted.delete(connection)
      oneLeft.resolve()
      oneLeft = Promise.withResolvers()
    }
  }

  async function closeListeners(): Promise<void> {
    await Promise.all(listeners.splice(0).map((listener) => listener.close()))
  }

  async function emptied(): Promise<void> {
    while (sessions.size > 0) await oneLeft.promise
  }

  return {
    get sessionCount() {
      return sessions.size
    },

    endSessions(address, passwordName) {
      for (const [connection, admission] of admitted) {
        if (admission.address !== address) continue
        if (passwordName === undefined || admission.passwordName === passwordName)
          book.sendAway(connection, 'revoked')
      }
    },

    async listen() {
      const { host, pop3Port, pop3sPort } = options.listeners
      const common = {
        host,
        certificate,
        book,
        refusal: refusal('Too many connections', 'SYS/TEMP'),
        onConnection: serve,
        log,
      }
      const addresses: { pop3?: Address; pop3s?: Address } = {}
      try {
        if (pop3Port !== undefined) {
          const listener = await listen({ ...common, port: pop3Port, tls: 'none' })
          listeners.push(listener)
          addresses.pop3 = listener.address()
        }
        if (pop3sPort !== undefined) {
          const listener = await listen({ ...common, port: pop3sPort, tls: 'implicit' })
          listeners.push(listener)
          addresses.pop3s = listener.address()
        }
      } catch (error) {
        await closeListeners()
        throw error
      }
      return addresses
    },

    async close() {
      const listenersClosed = closeListeners()
      for (const connection of book.connections) connection.interrupt('stopping')
      const finish = setTimeout(() => {
        for (const session of sessions.values())
          session.abort(new MailError('unavailable', 'Postern is shutting down'))
      }, finishMs)
      const cut = setTimeout(() => {
        for (const connection of book.connections) connection.destroy()
      }, cutMs)
      await emptied()
      for (const connection of book.connections) connection.destroy()
      await listenersClosed
      clearTimeout(finish)
      clearTimeout(cut)
    },
  }
}
