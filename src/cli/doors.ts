import { createImapServer } from '#imap/server.ts'
import type { ConnectedClient } from '#mail/connected-client.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Counters } from '#metrics/counters.ts'
import { createPop3Server } from '#pop3/server.ts'
import { createSmtpServer } from '#smtp/server.ts'
import type { MailServer } from '#web/house.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import { Crowd } from '#wire/crowd.ts'
import type { FrontDoor } from '#wire/door-server.ts'
import { Hold } from '#wire/hold.ts'
import { LoginThrottle } from '#wire/login-throttle.ts'
import type { DoorEvent } from '#wire/visit.ts'
import type { House } from './house.ts'
import { listening } from './listening.ts'
import type { Door, Ready } from './ready.ts'
import type { Config, Port } from './settings.ts'
import type { Tracing } from './tracing/tracing.ts'

const minuteMs = 60_000

/** Where the front doors are. */
export type Addresses = Pick<Ready, 'imap' | 'imaps' | 'pop3' | 'pop3s' | 'smtp' | 'smtps'>

/** The front doors that are open. */
export interface OpenDoors {
  readonly addresses: Addresses
  /** Clients that are connected, by protocol. */
  sessions(): Readonly<Record<string, number>>
  /** Who is connected, door by door. */
  clients(): readonly ConnectedClient[]
  /** Ends the sessions that this client password opened; without a name, all of the account. */
  endSessions(address: string, passwordName?: string): void
}

interface Server extends FrontDoor {
  listen(): Promise<object>
}

/** Opens every front door of the configuration; `closing` takes the way to close each. Throws Complaint when a port cannot be used. */
export async function openDoors(
  config: Config,
  house: House,
  {
    certificate,
    clock,
    log,
    count,
    tracing,
    closing,
  }: {
    certificate: CertificateSource
    clock: Clock
    log: Log
    count: Counters
    tracing?: Tracing | undefined
    closing: AsyncDisposableStack
  },
): Promise<OpenDoors> {
  const { accounts, doorman } = house
  const common = {
    doorman,
    certificate,
    clock,
    log,
    plainLoginAllowed: config.allowPlainLogin === 'on',
    throttle: new LoginThrottle(clock),
    crowd: new Crowd(clock),
    hold: new Hold(config.messageMemoryMb * 1024 * 1024),
  }
  const limits = {
    total: config.maxConnections,
    perAddress: config.maxConnectionsPerAddress,
    perAccount: config.maxConnectionsPerAccount,
    beforeLogin: config.maxConnectionsBeforeLogin,
    loginMs: config.loginSeconds * 1000,
    stalledMs: config.stalledSeconds * 1000,
  }
  const onEvent = (protocol: string) => (event: DoorEvent) => {
    if (event.kind === 'command') count.command(protocol, event.name, event.result, event.ms)
    else if (event.kind === 'opened') count.connected(protocol)
    else count.disconnected(protocol, event)
  }
  const { host } = config
  const addresses: Addresses = {}
  const servers: Server[] = []
  // All at once: each may need seconds of the ten that there are.
  closing.defer(async () => void (await Promise.all(servers.map((server) => server.close()))))
  const open = async (server: Server, setting: Parameters<typeof listening>[0]): Promise<void> => {
    Object.assign(addresses, await listening(setting, () => server.listen()))
    servers.push(server)
  }
  const imap = createImapServer({
    ...common,
    listeners: { host, imapPort: number(config.imapPort), imapsPort: number(config.imapsPort) },
    hiddenCapabilities: config.hiddenCapabilities.split(/[\s,]+/).filter((name) => name !== ''),
    limits: { ...limits, idleMs: config.imapIdleMinutes * minuteMs },
    onEvent: onEvent('imap'),
    onCommand: tracing?.commandsOf('imap'),
  })
  await open(imap, 'imapPort')
  const pop3 = createPop3Server({
    ...common,
    listeners: { host, pop3Port: number(config.pop3Port), pop3sPort: number(config.pop3sPort) },
    keeperOf(admission) {
      const keeper = accounts.maildropOf(admission.address)
      return house.witnessed?.keeper(admission, keeper) ?? keeper
    },
    batch: config.pop3Batch,
    poppedOnce: config.pop3Once === 'on',
    limits: { ...limits, idleMs: config.pop3IdleMinutes * minuteMs },
    onEvent: onEvent('pop3'),
    onCommand: tracing?.commandsOf('pop3'),
  })
  await open(pop3, 'pop3Port')
  const smtp = createSmtpServer({
    ...common,
    listeners: { host, smtpPort: number(config.smtpPort), smtpsPort: number(config.smtpsPort) },
    limits: { ...limits, idleMs: config.smtpIdleMinutes * minuteMs },
    outboxOf(admission) {
      const outbox = house.guestHouse.outboxOf(admission.address)
      return house.witnessed?.outbox(admission, outbox) ?? outbox
    },
    ...(config.scannerPort === 'off'
      ? {}
      : {
          scanner: {
            host: config.scannerHost,
            port: config.scannerPort,
            sources: config.scannerSources,
            async admit(wanted) {
              const account = accounts.find(wanted)
              if (account === undefined)
                return {
                  refused: 'unavailable',
                  text: 'The account of this device is not connected to Postern',
                }
              const rights = { readOnly: false, mailboxes: undefined }
              return { ...account, passwordName: 'scanner', rights }
            },
          },
        }),
    onEvent: onEvent('smtp'),
    onCommand: tracing?.commandsOf('smtp'),
  })
  await open(smtp, 'smtpPort')
  return {
    addresses,
    endSessions(address, passwordName) {
      for (const server of servers) server.endSessions(address, passwordName)
    },
    sessions: () => ({
      imap: imap.sessions().length,
      pop3: pop3.sessions().length,
      smtp: smtp.sessions().length,
    }),
    clients: () => servers.flatMap((server) => server.sessions()),
  }
}

/** How mail clients are told of them. */
export function mailServers(doors: Addresses): MailServer[] {
  const rows: readonly [MailServer['protocol'], MailServer['security'], Door | undefined][] = [
    ['IMAP', 'TLS', doors.imaps],
    ['IMAP', 'STARTTLS', doors.imap],
    ['POP3', 'TLS', doors.pop3s],
    ['POP3', 'STARTTLS', doors.pop3],
    ['SMTP', 'TLS', doors.smtps],
    ['SMTP', 'STARTTLS', doors.smtp],
  ]
  return rows.flatMap(([protocol, security, door]) =>
    door === undefined ? [] : [{ protocol, security, ...door }],
  )
}

function number(port: Port): number | undefined {
  return port === 'off' ? undefined : port
}
