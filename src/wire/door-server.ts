import type { ConnectedClient } from '#mail/connected-client.ts'
import type { Door, Doorman } from '#mail/doorman.ts'
import { MailError } from '#mail/errors.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { CertificateSource } from './certificate.ts'
import type { CommandWatch } from './command-watch.ts'
import type { Connection } from './connection.ts'
import { ConnectionBook } from './connection-book.ts'
import type { ConnectionLimits } from './connection-book.ts'
import { Crowd } from './crowd.ts'
import { createGatekeeper, seated } from './gatekeeper.ts'
import type { Gatekeeper } from './gatekeeper.ts'
import { listen } from './listener.ts'
import type { Listener } from './listener.ts'
import { LoginThrottle } from './login-throttle.ts'
import { outgoingLimits } from './outgoing.ts'
import { patience, seeOff } from './see-off.ts'
import { Visit } from './visit.ts'
import type { DoorEvent } from './visit.ts'

/** Where somebody listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What every front door of the house can do, whatever it speaks. */
export interface FrontDoor {
  /** Takes no more clients, lets commands finish, ends all sessions; cuts who does not go. Takes less than 10 s. */
  close(): Promise<void>
  /** Who is connected, those that came first before the others. */
  sessions(): readonly ConnectedClient[]
  /** Ends the sessions that this client password opened, or all of the account: an idle one at once, others within 5 s. */
  endSessions(address: string, passwordName?: string): void
}

/** What front doors of every protocol are handed. */
export interface DoorSurroundings {
  readonly doorman: Doorman
  readonly certificate: CertificateSource
  readonly clock: Clock
  readonly log: Log
  /** Whether passwords may cross the network without TLS. From this machine they always may. */
  readonly plainLoginAllowed: boolean
  /** One for all doors; each makes its own when none is given. */
  readonly throttle?: LoginThrottle
  /** The same. */
  readonly crowd?: Crowd
  readonly onEvent?: (event: DoorEvent) => void
  readonly onCommand?: CommandWatch | undefined
}

/** One client's conversation, as its protocol leads it. */
export interface DoorSession {
  /** Serves until the client leaves or must. Never throws. */
  run(): Promise<void>
  /** Whoever waits inside a command is let go. */
  abort(reason: Error): void
  /** Of the mailbox that is open. */
  readonly mailbox: string | undefined
}

/** What a session is made of. */
export interface Caller {
  readonly connection: Connection
  readonly visit: Visit
  /** Lets nobody in for whose account there is no place any more. */
  readonly gatekeeper: Gatekeeper
}

export interface DoorServerOptions<Name extends string> extends DoorSurroundings {
  readonly door: Door
  readonly host: string
  /** By the name that `listen` gives their addresses. 0: any free port; undefined: none. */
  readonly listeners: Readonly<
    Record<Name, { readonly port: number | undefined; readonly tls: 'implicit' | 'none' }>
  >
  readonly limits: ConnectionLimits
  /** Sent to a client for whom there is no room, with its line end. */
  readonly refusal: string
  receive(caller: Caller): DoorSession
}

/** The life of a front door: it takes clients in, knows who is there, and sees everybody off. One session a connection. */
export class DoorServer<Name extends string> implements FrontDoor {
  readonly #options: DoorServerOptions<Name>
  readonly #book: ConnectionBook<Connection>
  readonly #gatekeeper: Gatekeeper
  readonly #crowd: Crowd
  readonly #inside = new Map<Connection, { readonly visit: Visit; readonly session: DoorSession }>()
  readonly #listeners: Listener[] = []
  /** Resolved whenever a session ends. */
  #oneLeft = Promise.withResolvers<void>()

  constructor(options: DoorServerOptions<Name>) {
    this.#options = options
    const { doorman, clock, door, throttle = new LoginThrottle(clock), crowd = new Crowd(clock) } = options
    this.#crowd = crowd
    this.#book = new ConnectionBook(options.limits)
    this.#gatekeeper = createGatekeeper(doorman, throttle, door)
  }

  /** Rejects when a port cannot be used; then nothing listens. */
  async listen(): Promise<Partial<Record<Name, Address>>> {
    const { host, certificate, refusal, log, limits } = this.#options
    const addresses: Partial<Record<Name, Address>> = {}
    try {
      for (const name of Object.keys(this.#options.listeners) as Name[]) {
        const { port, tls } = this.#options.listeners[name]
        if (port === undefined) continue
        const listener = await listen({
          host,
          port,
          tls,
          certificate,
          book: this.#book,
          crowd: this.#crowd,
          outgoing: { ...outgoingLimits, stalledMs: limits.stalledMs },
          refusal,
          onConnection: (connection) => this.#serve(connection),
          log,
        })
        this.#listeners.push(listener)
        addresses[name] = listener.address()
      }
    } catch (error) {
      await this.#stopListening()
      throw error
    }
    return addresses
  }

  async close(): Promise<void> {
    const stopped = this.#stopListening()
    const { connections } = this.#book
    for (const connection of connections) {
      if (this.#inside.has(connection)) connection.interrupt('stopping')
      // Still in its handshake: there is nothing it could be told.
      else connection.destroy()
    }
    const cut = () => {
      for (const connection of connections) connection.destroy()
    }
    const stop = () => {
      for (const { session } of this.#inside.values())
        session.abort(new MailError('unavailable', 'Postern is shutting down'))
    }
    await seeOff(patience, { stop, cut, gone: this.#emptied() })
    cut()
    await stopped
  }

  sessions(): readonly ConnectedClient[] {
    return [...this.#inside.values()].map(({ visit, session }) => visit.client(session.mailbox))
  }

  endSessions(address: string, passwordName?: string): void {
    for (const [connection, { visit }] of this.#inside) {
      const { admission } = visit
      if (admission?.address !== address) continue
      if (passwordName === undefined || admission.passwordName === passwordName)
        this.#book.sendAway(connection, 'revoked')
    }
  }

  async #serve(connection: Connection): Promise<void> {
    const { door, clock, log, onEvent, onCommand } = this.#options
    const visit = new Visit({
      door,
      line: connection,
      turns: connection.turns,
      clock,
      log,
      onEvent,
      onCommand,
      onAdmitted: () => this.#book.welcome(connection),
      onDismissed: () => this.#book.estrange(connection),
    })
    const gatekeeper = seated(this.#gatekeeper, (account) => this.#book.seat(connection, account))
    const session = this.#options.receive({ connection, visit, gatekeeper })
    this.#inside.set(connection, { visit, session })
    try {
      await session.run()
      // Closing takes a while; who has said good-bye may come back at once.
      this.#book.unseat(connection)
      await connection.end()
    } finally {
      this.#inside.delete(connection)
      visit.close(connection.interruption ?? 'gone')
      this.#oneLeft.resolve()
      this.#oneLeft = Promise.withResolvers()
    }
  }

  async #stopListening(): Promise<void> {
    await Promise.all(this.#listeners.splice(0).map((listener) => listener.close()))
  }

  async #emptied(): Promise<void> {
    while (this.#inside.size > 0) await this.#oneLeft.promise
  }
}
