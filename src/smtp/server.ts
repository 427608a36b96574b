import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { SMTPServerOptions } from 'smtp-server'
import type { Admission, Doorman } from '#mail/doorman.ts'
import type { Outbox } from '#mail/outbox.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import { createGatekeeper } from '#wire/gatekeeper.ts'
import { LoginThrottle } from '#wire/login-throttle.ts'
import { saslMechanisms } from '#wire/sasl.ts'
import { Door } from './door.ts'
import type { DoorLimits } from './door.ts'
import { Hold } from './hold.ts'
import { messageLimitBytes } from './posting.ts'
import { recipientLimit } from './recipients.ts'
import { scannerWelcome } from './scanner.ts'
import type { ScannerOptions } from './scanner.ts'
import type { Manner } from './session.ts'

interface SmtpLimits extends DoorLimits {
  /** SIZE. */
  readonly messageBytes: number
  /** Memory for messages that are under way, all together. */
  readonly memoryBytes: number
  /** Silence after which a client is let go. RFC 5321 section 4.5.3.2.7. */
  readonly idleMs: number
}

const smtpLimits: SmtpLimits = {
  total: 200,
  perAddress: 50,
  perAccount: 50,
  beforeLogin: 50,
  messageBytes: messageLimitBytes,
  memoryBytes: 4 * messageLimitBytes,
  idleMs: 5 * 60_000,
}

export interface SmtpServerOptions {
  readonly doorman: Doorman
  /** Where the mail of somebody who was let in goes. */
  outboxOf(admission: Admission): Outbox
  readonly certificate: CertificateSource
  readonly clock: Clock
  readonly log: Log
  readonly listeners: {
    readonly host: string
    /** STARTTLS; 0 for any free port. */
    readonly smtpPort?: number
    readonly smtpsPort?: number
  }
  readonly limits?: Partial<SmtpLimits>
  /** AUTH without TLS. */
  readonly plainLoginAllowed?: boolean
  /** Shared with the other doors, else one of its own. */
  readonly throttle?: LoginThrottle
  readonly scanner?: ScannerOptions
  /** A client has connected. */
  onConnected?(): void
}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface SmtpServer {
  /** Rejects when an address cannot be used. */
  listen(): Promise<{ smtp?: Address; smtps?: Address; scanner?: Address }>
  /** Takes nobody new, lets messages under way end for up to 8 s, then closes everything. */
  close(): Promise<void>
  /** Clients that are connected. */
  readonly sessionCount: number
  /** Ends the sessions that this client password opened, or all of the account; a message under way is finished. */
  endSessions(address: string, passwordName?: string): void
}

/** RFC 4954 section 4.3: "servers and clients MUST be able to handle a maximum of 12288 octets" of AUTH. */
const commandLineBytes = 12_288 + 512
const closeMs = 8_000

/** Mail submission. RFC 6409 with STARTTLS (RFC 3207) and with TLS from the start (RFC 8314). */
export function createSmtpServer(options: SmtpServerOptions): SmtpServer {
  const { certificate, clock, log } = options
  const limits = { ...smtpLimits, ...options.limits }
  const gatekeeper = createGatekeeper(options.doorman, options.throttle ?? new LoginThrottle(clock), 'smtp')
  const ending = new AbortController()
  const hold = new Hold(limits.memoryBytes)
  const doors: Door[] = []

  const common: SMTPServerOptions = {
    name: serverName(),
    logger: false,
    size: limits.messageBytes,
    maxRecipients: recipientLimit,
    maxCommandLength: commandLineBytes,
    socketTimeout: limits.idleMs,
    closeTimeout: closeMs,
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    heloResponse: '%s',
    authRequiredMessage: '5.7.0 Log in first',
    maxAllowedUnauthenticatedCommands: 25,
  }
  const never = ['XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL', 'HELP']

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
        limits,
        messageBytes: limits.messageBytes,
        clock,
        log,
        sessionsOf,
        onConnected: () => options.onConnected?.(),
        signal: ending.signal,
      },
    )
    door.listen({ host, port })
    await once(door.server, 'listening')
    doors.push(door)
    return { host, port: (door.server.address() as AddressInfo).port }
  }

  function sessionsOf(address: string) {
    return doors.flatMap((door) => door.sessionsOf(address))
  }

  const manner: Manner = {
    mechanisms: saslMechanisms,
    plainLogin: options.plainLoginAllowed ?? false,
    welcome: () => Promise.resolve(undefined),
    check: (credentials, remoteAddress, signal) => gatekeeper.check(credentials, remoteAddress, signal),
  }

  return {
    get sessionCount() {
      return doors.reduce((count, { connections }) => count + connections.size, 0)
    },

    endSessions(address, passwordName) {
      for (const session of sessionsOf(address))
        if (passwordName === undefined || session.admission?.passwordName === passwordName) session.revoke()
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
      const late = setTimeout(() => ending.abort(new Error('Postern is being closed')), closeMs - 1_000)
      await Promise.all(
        doors.map(
          (door) =>
            new Promise<void>((resolve) => {
              door.close(() => resolve())
              door.dismissAll()
            }),
        ),
      )
      clearTimeout(late)
      ending.abort(new Error('Postern is being closed'))
    },
  }
}

/** For the greeting and EHLO. RFC 5321 section 4.1.2. */
function serverName(): string {
  const name = hostname()
  return /^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/.test(name) ? name : 'localhost'
}
