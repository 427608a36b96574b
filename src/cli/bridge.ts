import { randomBytes } from 'node:crypto'
import type { Clock, Log } from '#mail/surroundings.ts'
import { createWeb } from '#web/web.ts'
import { loadCertificate } from '#wire/certificate.ts'
import { mailServers, openDoors } from './doors.ts'
import type { OpenDoors } from './doors.ts'
import { openHouse } from './house.ts'
import type { House } from './house.ts'
import { createOffice } from './office.ts'
import { openOfficeLine } from './office-line.ts'
import { listening } from './listening.ts'
import type { Ready } from './ready.ts'
import type { Config } from './settings.ts'

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
  const doors: OpenDoors = {}

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

  Object.assign(doors, await openDoors(config, house, { certificate, clock, log, closing: opened }))
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

function readiness(house: House, doors: OpenDoors, config: Config): { ready: boolean; reason?: string } {
  const { imapPort, imapsPort, pop3Port, pop3sPort, smtpPort, smtpsPort } = config
  const wanted = [imapPort, imapsPort, pop3Port, pop3sPort, smtpPort, smtpsPort].some(
    (port) => port !== 'off',
  )
  if (wanted && Object.keys(doors).length === 0)
    return { ready: false, reason: 'the mail ports do not listen yet' }
  const broken = house.accounts.reports().filter(({ alert }) => alert !== undefined).length
  if (broken > 0) return { ready: false, reason: `${broken} of the accounts must be connected again` }
  return { ready: true }
}
