import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { SMTPServerOptions } from 'smtp-server'
import type { Admission } from '#mail/doorman.ts'
import type { Outbox } from '#mail/outbox.ts'
import { ConnectionBook, connectionLimits } from '#wire/connection-book.ts'
import type { ConnectionLimits, Guest } from '#wire/connection-book.ts'
import { Crowd } from '#wire/crowd.ts'
import type { Address, DoorSurroundings, FrontDoor } from '#wire/door-server.ts'
import { createGatekeeper } from '#wire/gatekeeper.ts'
import { Hold, messageMemoryBytes } from '#wire/hold.ts'
import { socketOptions } from '#wire/acceptors.ts'
import { LoginThrottle } from '#wire/login-throttle.ts'
import { saslMechanisms } from '#wire/sasl.ts'
import { patience, seeOff } from '#wire/see-off.ts'
import { Door } from './door.ts'
import type { Manner } from './manner.ts'
import { messageLimitBytes } from './posting.ts'
import { recipientLimit } from './recipients.ts'
import { scannerWelcome } from './scanner.ts'
import type { ScannerOptions } from './scanner.ts'
import { Session } from './session.ts'

interface SmtpLimits extends ConnectionLimits {
  /** SIZE. */
  readonly messageBytes: number
  /** Silence after which a client is let go. RFC 5321 section 4.5.3.2.7. */
  readonly idleMs: number
}

const smtpLimits: SmtpLimits = {
  ...connectionLimits,
  messageBytes: messageLimitBytes,
  idleMs: 5 * 60_000,
}

export interface SmtpServerOptions extends DoorSurroundings {
  /** Where the mail of somebody who was let in goes. */
  outboxOf(admission: Admission): Outbox
  readonly listeners: {
    readonly host: string
    /** STARTTLS; 0 for any free port, undefined for none. */
    readonly smtpPort?: number | undefined
    readonly smtpsPort?: number | undefined
  }
  readonly limits?: Partial<SmtpLimits>
  /** Room in memory for messages that are under way, shared with whoever else takes some; its own when none is given. */
  readonly hold?: Hold
  readonly scanner?: ScannerOptions
}

export interface SmtpServer extends FrontDoor {
  /** Rejects when an address cannot be used; then nothing listens. */
  listen(): Promise<{ smtp?: Address; smtps?: Address; scanner?: Address }>
}

/** RFC 4954 section 4.3: "servers and clients MUST be able to handle a maximum of 12288 octets" of AUTH. */
const commandLineBytes = 12_288 + 512
/** Later than we cut: the library is not to end what we still wait for. */
const libraryCloseMs = 2 * patience.cutMs

/** Mail submission. RFC 6409 with STARTTLS (RFC 3207) and with TLS from the start (RFC 8314). */
export function createSmtpServer(options: SmtpServerOptions): SmtpServer {
  const { certificate, clock, log, crowd = new Crowd(clock) } = options
  const limits = { ...smtpLimits, ...options.limits }
  const gatekeeper = createGatekeeper(options.doorman, options.throttle ?? new LoginThrottle(clock), 'smtp')
  const ending = new AbortController()
  const hold = options.hold ?? new Hold(messageMemoryBytes)
  const book = new ConnectionBook<Guest>(limits)
  const doors: Door[] = []

  const common: SMTPServerOptions = {
    ...socketOptions,
    name: serverName(),
    logger: false,
    size: limits.messageBytes,
    maxRecipients: recipientLimit,
    maxCommandLength: commandLineBytes,
    socketTimeout: limits.idleMs,
    closeTimeout: libraryCloseMs,
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    heloResponse: '%s',
    authRequiredMessage: '5.7.0 Log in first',
    maxAllowedUnauthenticatedCommands: 25,
  }
  const never = ['XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL']

  async function open(
    { host, port }: { host: string; port: number },
    own: SMTPServerOptions,
    manner: Manner,
  ): Promise<Address> {
    const { key, certificate: cert } = await certificate.current()
    const door = new Door(
      { ...common, key, cert, minVersion: 'TLSv1.2', authMethods: [...manner.mechanisms], ...own },
      {
        manner,
        outboxOf: (admission) => options.outboxOf(admission),
        certificate,
        hold,
        book,
        crowd,
        messageBytes: limits.messageBytes,
        clock,
        log,
        onEvent: options.onEvent,
        onCommand: options.onCommand,
        signal: ending.signal,
      },
    )
    door.listen({ host, port })
    await once(door.server, 'listening')
    doors.push(door)
    return { host, port: (door.server.address() as AddressInfo).port }
  }

  function sessions(): Session[] {
    return [...book.connections].filter((one) => one instanceof Session)
  }

  function stop(): void {
    ending.abort(new Error('Postern is being closed'))
    for (const session of sessions()) session.hurry()
  }

  function cut(): void {
    for (const one of book.connections) one.destroy()
  }

  const manner: Manner = {
    mechanisms: saslMechanisms,
    plainLogin: options.plainLoginAllowed,
    welcome: () => Promise.resolve(undefined),
    gatekeeper,
  }

  return {
    sessions: () => sessions().flatMap(({ visit }) => (visit === undefined ? [] : [visit.client()])),

    endSessions(address, passwordName) {
      for (const session of sessions()) {
        const { admission } = session
        if (admission?.address !== address) continue
        // Not as the book sends somebody away: a message that is under way may take its time.
        if (passwordName === undefined || admission.passwordName === passwordName)
          session.interrupt('revoked')
      }
    },

    async listen() {
      const { host, smtpPort, smtpsPort } = options.listeners
      const { scanner } = options
      const disabledCommands = never
      try {
        return {
          ...(smtpPort === undefined
            ? {}
            : { smtp: await open({ host, port: smtpPort }, { disabledCommands }, manner) }),
          ...(smtpsPort === undefined
            ? {}
            : { smtps: await open({ host, port: smtpsPort }, { disabledCommands, secure: true }, manner) }),
          ...(scanner === undefined
            ? {}
            : {
                scanner: await open(
                  scanner,
                  { disabledCommands: [...never, 'STARTTLS'], lenientAddressParsing: true },
                  { ...manner, mechanisms: ['LOGIN'], plainLogin: true, welcome: scannerWelcome(scanner) },
                ),
              }),
        }
      } catch (error) {
        await this.close()
        throw error
      }
    },

    async close() {
      const closed = doors.map(
        (door) =>
          new Promise<void>((resolve) => {
            door.close(() => resolve())
          }),
      )
      for (const one of book.connections) one.interrupt('stopping')
      await seeOff(patience, { stop, cut, gone: Promise.all([...closed, book.emptied()]) })
      stop()
    },
  }
}

/** For the greeting and EHLO. RFC 5321 section 4.1.2. */
function serverName(): string {
  const name = hostname()
  return /^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/.test(name) ? name : 'localhost'
}
