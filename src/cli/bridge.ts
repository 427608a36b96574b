import { randomBytes } from 'node:crypto'
import { createImapServer } from '#imap/server.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import { createWeb } from '#web/web.ts'
import type { MailServer } from '#web/house.ts'
import { loadCertificate } from '#wire/certificate.ts'
import { Complaint } from './complaint.ts'
import { openHouse } from './house.ts'
import type { House } from './house.ts'
import { createOffice } from './office.ts'
import { openOfficeLine } from './office-line.ts'
import type { Door, Ready } from './ready.ts'
import { settings } from './settings.ts'
import type { Config, Port } from './settings.ts'

/** The whole bridge, listening. */
export interface Bridge {
  readonly house: House
  readonly ready: Ready
  /** Where a person opens the pages; holds the access key when they need one. For a terminal, never for a log. */
  readonly entryUrl: string | undefined
  /** Says BYE, finishes what is under way, closes everything. */
  close(): Promise<void>
}

/** Opens the house and every front door of the configuration. Throws Complaint, or an error whose message says what to do. */
export async function startBridge(
  config: Config,
  { clock, log }: { clock: Clock; log: Log },
): Promise<Bridge> {
  await using opened = new AsyncDisposableStack()
  let pageUrl: string | undefined
  const house = await openHouse(config, { clock, log, pageUrl: () => pageUrl })
  opened.defer(() => house.close())
  const certificate = await loadCertificate({
    ...(config.tlsCert === undefined || config.tlsKey === undefined
      ? {}
      : { certFile: config.tlsCert, keyFile: config.tlsKey }),
    dataDir: config.dataDir,
    clock,
    log,
  })
  const doors: { imap?: Door; imaps?: Door } = {}

  const office = createOffice(house)
  let web: ReturnType<typeof createWeb> | undefined
  if (config.webPort !== 'off') {
    web = createWeb({
      consent: house.consent,
      passwords: house.passwords,
      clock,
      randomBytes,
      log,
      host: config.host,
      port: config.webPort,
      accounts: () => house.accounts.reports(),
      mailServers: () => mailServers(doors),
      readiness: () => readiness(house, doors, config),
      connected: async () => {
        for (const row of await house.store.accounts()) await house.accounts.open(row)
      },
    })
    const page = web
    pageUrl = (await listening('webPort', () => page.listen())).url
    opened.defer(() => page.close())
  }
  await house.start()

  const imap = createImapServer({
    doorman: house.doorman,
    certificate,
    clock,
    log,
    listeners: {
      host: config.host,
      ...(config.imapPort === 'off' ? {} : { imapPort: config.imapPort }),
      ...(config.imapsPort === 'off' ? {} : { imapsPort: config.imapsPort }),
    },
    plainLoginAllowed: config.allowPlainLogin === 'on',
    hiddenCapabilities: config.hiddenCapabilities.split(/[\s,]+/).filter((name) => name !== ''),
  })
  Object.assign(doors, await listening('imapPort', () => imap.listen()))
  opened.defer(() => imap.close())
  const line = await openOfficeLine(office, { dataDir: config.dataDir, log })
  opened.defer(() => line.close())

  const closing = opened.move()
  return {
    house,
    ready: { ...doors, ...(pageUrl === undefined ? {} : { web: { url: pageUrl.replace(/\/$/, '') } }) },
    entryUrl: web?.entryUrl,
    close: () => closing.disposeAsync(),
  }
}

type PortSetting = { [Key in keyof Config]: Config[Key] extends Port ? Key : never }[keyof Config]

/** Turns what the system says of a port into what a person can do about it. */
async function listening<T>(setting: PortSetting, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen()
  } catch (error) {
    const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string }
    const { name } = settings[setting]
    const prefix = name.slice(0, name.lastIndexOf('_PORT'))
    if (code === 'EADDRINUSE')
      throw new Complaint(
        `Port ${port ?? ''} is taken by another program. End it, or set ${name} (or ${prefix}S_PORT) to another port, for example ${name}=0 for any free one`,
        { cause: error },
      )
    if (code === 'EACCES')
      throw new Complaint(`Port ${port ?? ''} needs more rights. Set ${name} to one above 1023`, {
        cause: error,
      })
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Complaint(`${address ?? 'The address'} is no address of this machine. Set POSTERN_HOST`, {
        cause: error,
      })
    throw error
  }
}

function mailServers(doors: { imap?: Door; imaps?: Door }): MailServer[] {
  const servers: MailServer[] = []
  if (doors.imaps !== undefined) servers.push({ protocol: 'IMAP', ...doors.imaps, security: 'TLS' })
  if (doors.imap !== undefined) servers.push({ protocol: 'IMAP', ...doors.imap, security: 'STARTTLS' })
  return servers
}

function readiness(
  house: House,
  doors: { imap?: Door; imaps?: Door },
  config: Config,
): { ready: boolean; reason?: string } {
  const wanted = config.imapPort !== 'off' || config.imapsPort !== 'off'
  if (wanted && doors.imap === undefined && doors.imaps === undefined)
    return { ready: false, reason: 'the mail ports do not listen yet' }
  const broken = house.accounts.reports().filter(({ alert }) => alert !== undefined).length
  if (broken > 0) return { ready: false, reason: `${broken} of the accounts must be connected again` }
  return { ready: true }
}
