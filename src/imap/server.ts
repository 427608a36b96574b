import type { Admission, Doorman } from '#mail/doorman.ts'
import { MailError } from '#mail/errors.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import type { Connection } from '#wire/connection.ts'
import { ConnectionBook, connectionLimits } from '#wire/connection-book.ts'
import type { ConnectionLimits } from '#wire/connection-book.ts'
import { createGatekeeper, seated } from '#wire/gatekeeper.ts'
import { listen } from '#wire/listener.ts'
import type { Listener } from '#wire/listener.ts'
import { LoginThrottle } from '#wire/login-throttle.ts'
import { sessionLimits } from './session-limits.ts'
import type { SessionLimits } from './session-limits.ts'
import { Session } from './session.ts'

/** How long commands may go on once the server closes, and when sockets are cut. */
const finishMs = 3_000
const cutMs = 7_000

export interface ImapServerOptions {
  readonly doorman: Doorman
  readonly certificate: CertificateSource
  readonly clock: Clock
  readonly log: Log
  readonly listeners: {
    readonly host: string
    /** Clear with STARTTLS; 0 for any free port, undefined for none. */
    readonly imapPort?: number | undefined
    /** TLS from the first octet. */
    readonly imapsPort?: number | undefined
  }
  readonly limits?: Partial<ConnectionLimits & SessionLimits>
  /** One for all doors; the server makes its own when none is given. */
  readonly throttle?: LoginThrottle
  /** Whether passwords may cross the network without TLS. From this machine they always may. */
  readonly plainLoginAllowed: boolean
  readonly hiddenCapabilities?: readonly string[]
  onEvent?(event: ImapEvent): void
}

type ImapEvent =
  | { readonly kind: 'connected' | 'disconnected'; readonly remoteAddress: string }
  | { readonly kind: 'admitted'; readonly remoteAddress: string; readonly address: string }
  | {
      readonly kind: 'command'
      readonly name: string
      readonly status: 'OK' | 'NO' | 'BAD'
      readonly ms: number
    }

/** One client, as people see it on a page. */
interface ImapSessionInfo {
  readonly id: string
  readonly remoteAddress: string
  readonly secure: boolean
  /** What the client says it is. */
  readonly client: string
  /** Undefined before login. */
  readonly address: string | undefined
  readonly passwordName: string | undefined
  readonly mailbox: string | undefined
}

type Address = { host: string; port: number }

export interface ImapServer {
  /** Rejects when a port cannot be used; then nothing listens. */
  listen(): Promise<{ imap?: Address; imaps?: Address }>
  /** Takes no more clients, lets commands finish, says BYE to all; cuts who does not go. Takes less than 10 s. */
  close(): Promise<void>
  sessions(): readonly ImapSessionInfo[]
  /** Ends the sessions that this client password opened, or all of the account: an idle one at once, others within 5 s. */
  endSessions(address: string, passwordName?: string): void
}

export function createImapServer(options: ImapServerOptions): ImapServer {
  const { doorman, certificate, clock, log } = options
  const limits = { ...connectionLimits, ...sessionLimits, ...options.limits }
  const book = new ConnectionBook(limits)
  const gatekeeper = createGatekeeper(doorman, options.throttle ?? new LoginThrottle(clock), 'imap')
  const hiddenCapabilities = new Set(options.hiddenCapabilities?.map((word) => word.toUpperCase()))
  const sessions = new Map<Connection, Session>()
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
      plainLoginAllowed: options.plainLoginAllowed,
      hiddenCapabilities,
      limits,
      clock,
      log: sessionLog,
      onDismissed: () => book.estrange(connection),
      onCommand: (name, status, ms) => options.onEvent?.({ kind: 'command', name, status, ms }),
      onAdmitted({ address, passwordName }: Admission) {
        book.welcome(connection)
        sessionLog.info(
          { account: address, passwordName, remoteAddress, secure: connection.secure },
          'logged in',
        )
        options.onEvent?.({ kind: 'admitted', remoteAddress, address })
      },
    })
    sessions.set(connection, session)
    options.onEvent?.({ kind: 'connected', remoteAddress })
    try {
      await session.run()
      // Closing takes a while; who has said good-bye may come back at once.
      book.unseat(connection)
      await connection.end()
    } finally {
      sessions.delete(connection)
      options.onEvent?.({ kind: 'disconnected', remoteAddress })
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
    async listen() {
      const { host, imapPort, imapsPort } = options.listeners
      const common = {
        host,
        certificate,
        book,
        refusal: '* BYE [UNAVAILABLE] Too many connections\r\n',
        onConnection: serve,
        log,
      }
      const addresses: { imap?: Address; imaps?: Address } = {}
      try {
        if (imapPort !== undefined) {
          const listener = await listen({ ...common, port: imapPort, tls: 'none' })
          listeners.push(listener)
          addresses.imap = listener.address()
        }
        if (imapsPort !== undefined) {
          const listener = await listen({ ...common, port: imapsPort, tls: 'implicit' })
          listeners.push(listener)
          addresses.imaps = listener.address()
        }
      } catch (error) {
        await closeListeners()
        throw error
      }
      return addresses
    },

    async close() {
      const listenersClosed = closeListeners()
      for (const connection of book.connections) {
        if (sessions.has(connection)) connection.interrupt('stopping')
        // Still in its handshake: there is nothing it could be told.
        else connection.destroy()
      }
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

    endSessions(address, passwordName) {
      for (const [connection, { context }] of sessions) {
        const { admission } = context
        if (admission?.address !== address) continue
        if (passwordName === undefined || admission.passwordName === passwordName)
          book.sendAway(connection, 'revoked')
      }
    },

    sessions: () =>
      [...sessions].map(([connection, { client, context }]) => ({
        id: connection.id,
        remoteAddress: connection.remoteAddress,
        secure: connection.secure,
        client,
        address: context.admission?.address,
        passwordName: context.admission?.passwordName,
        mailbox: context.selected?.mailbox.name,
      })),
  }
}
