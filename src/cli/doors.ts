import { createImapServer } from '#imap/server.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import { createPop3Server } from '#pop3/server.ts'
import { createSmtpServer } from '#smtp/server.ts'
import type { MailServer } from '#web/house.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import { LoginThrottle } from '#wire/login-throttle.ts'
import type { House } from './house.ts'
import { listening } from './listening.ts'
import type { Door, Ready } from './ready.ts'
import type { Config, Port } from './settings.ts'

/** The front doors that are open. */
export type OpenDoors = Pick<Ready, 'imap' | 'imaps' | 'pop3' | 'pop3s' | 'smtp' | 'smtps'>

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
    closing,
  }: { certificate: CertificateSource; clock: Clock; log: Log; closing: AsyncDisposableStack },
): Promise<OpenDoors> {
  const { accounts, doorman } = house
  const common = {
    doorman,
    certificate,
    clock,
    log,
    plainLoginAllowed: config.allowPlainLogin === 'on',
    throttle: new LoginThrottle(clock),
  }
  const { host } = config
  const doors: OpenDoors = {}
  const open = async (server: Server, setting: Parameters<typeof listening>[0]): Promise<void> => {
    Object.assign(doors, await listening(setting, () => server.listen()))
    closing.defer(() => server.close())
  }
  await open(
    createImapServer({
      ...common,
      listeners: { host, imapPort: number(config.imapPort), imapsPort: number(config.imapsPort) },
      hiddenCapabilities: config.hiddenCapabilities.split(/[\s,]+/).filter((name) => name !== ''),
    }),
    'imapPort',
  )
  await open(
    createPop3Server({
      ...common,
      listeners: { host, pop3Port: number(config.pop3Port), pop3sPort: number(config.pop3sPort) },
      keeperOf: ({ address }) => accounts.maildropOf(address),
      batch: config.pop3Batch,
      poppedOnce: config.pop3Once === 'on',
    }),
    'pop3Port',
  )
  await open(
    createSmtpServer({
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
    }),
    'smtpPort',
  )
  return doors
}

/** How mail clients are told of them. */
export function mailServers(doors: OpenDoors): MailServer[] {
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
