import { createImapServer } from '#imap/server.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Counters } from '#metrics/counters.ts'
import { createPop3Server } from '#pop3/server.ts'
import { createSmtpServer } from '#smtp/server.ts'
import type { MailServer } from '#web/house.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import { LoginThrottle } from '#wire/login-throttle.ts'
import type { House } from './house.ts'
import { listening } from './listening.ts'
import type { Door, Ready } from './ready.ts'
import type { Config, Port } from './settings.ts'

/** Where the front doors are. */
export type Addresses = Pick<Ready, 'imap' | 'imaps' | 'pop3' | 'pop3s' | 'smtp' | 'smtps'>

/** The front doors that are open. */
export interface OpenDoors {
  readonly addresses: Addresses
  /** Clients that are connected, by protocol. */
  sessions(): Readonly<Record<string, number>>
  /** Ends the sessions that this client password opened; without a name, all of the account. */
  endSessions(address: string, passwordName?: string): void
}

interface Server {
  listen(): Promise<object>
  close(): Promise<void>
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
    closing,
  }: {
    certificate: CertificateSource
    clock: Clock
    log: Log
    count: Counters
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
    limits: { total: config.maxConnections, perAccount: config.maxConnectionsPerAccount },
  }
  const { host } = config
  const addresses: Addresses = {}
  const open = async (server: Server, setting: Parameters<typeof listening>[0]): Promise<void> => {
    Object.assign(addresses, await listening(setting, () => server.listen()))
    closing.defer(() => server.close())
  }
  const imap = createImapServer({
    ...common,
    listeners: { host, imapPort: number(config.imapPort), imapsPort: number(config.imapsPort) },
    hiddenCapabilities: config.hiddenCapabilities.split(/[\s,]+/).filter((name) => name !== ''),
    onEvent(event) {
      if (event.kind === 'command') count.command('imap', event.name, event.status, event.ms)
      else if (event.kind === 'connected') count.connected('imap')
    },
  })
  await open(imap, 'imapPort')
  const pop3 = createPop3Server({
    ...common,
    listeners: { host, pop3Port: number(config.pop3Port), pop3sPort: number(config.pop3sPort) },
    keeperOf: ({ address }) => accounts.maildropOf(address),
    batch: config.pop3Batch,
    poppedOnce: config.pop3Once === 'on',
    onEvent(event) {
      if (event.kind === 'command') count.command('pop3', event.name, event.result, event.ms)
      else count.connected('pop3')
    },
  })
  await open(pop3, 'pop3Port')
  const smtp = createSmtpServer({
    ...common,
    listeners: {
      host,
      ...(config.smtpPort === 'off' ? {} : { smtpPort: config.smtpPort }),
      ...(config.smtpsPort === 'off' ? {} : { smtpsPort: config.smtpsPort }),
    },
    outboxOf: ({ address }) => accounts.outboxOf(address),
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
    onConnected: () => count.connected('smtp'),
  })
  await open(smtp, 'smtpPort')
  return {
    addresses,
    endSessions(address, passwordName) {
      for (const server of [imap, pop3, smtp]) server.endSessions(address, passwordName)
    },
    sessions: () => ({ imap: imap.sessions().length, pop3: pop3.sessionCount, smtp: smtp.sessionCount }),
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
