import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock, Log } from '#mail/surroundings.ts'
import { createMetrics } from '#metrics/metrics.ts'
import { createMetricsPort } from '#metrics/port.ts'
import { isLoopbackAddress } from '#web/host-check.ts'
import { createWeb } from '#web/web.ts'
import { loadCertificate } from '#wire/certificate.ts'
import { witnessedConsent, witnessedPasswords } from './audit/witnessed-office.ts'
import { mailServers, openDoors } from './doors.ts'
import type { Addresses, OpenDoors } from './doors.ts'
import { countedLog } from './counted.ts'
import { figuresOf, liveFigures } from './figures.ts'
import { openHouse } from './house.ts'
import type { House } from './house.ts'
import { createOffice } from './office.ts'
import { openOfficeLine } from './office-line.ts'
import { listening } from './listening.ts'
import { certificateNames, pageAccess } from './page-access.ts'
import { readinessOf } from './readiness.ts'
import type { Ready } from './ready.ts'
import type { Config } from './settings.ts'
import { signInFor } from './sign-in.ts'
import { openTracing } from './tracing/tracing.ts'
import { TroubleBook } from './troubles/trouble-book.ts'
import { troubleLog } from './troubles/trouble-log.ts'
import { version } from './version.ts'

/** The whole bridge, listening. */
export interface Bridge {
  readonly house: House
  readonly ready: Ready
  /** Where a person opens the pages. */
  readonly entryUrl: string | undefined
  /** Says BYE, finishes what is under way, closes everything. */
  close(): Promise<void>
}

/** Opens the house and every front door of the configuration. Throws Complaint, or an error whose message says what to do. */
export async function startBridge(
  config: Config,
  { clock, log: uncountedLog }: { clock: Clock; log: Log },
): Promise<Bridge> {
  const metrics = createMetrics({ version: version(), perAccount: config.metricsAccounts === 'on' })
  const { count } = metrics
  const troubles = new TroubleBook(clock)
  const log = troubleLog(countedLog(uncountedLog, count), troubles)
  await using opened = new AsyncDisposableStack()
  const tracing = await openTracing(config, { clock, log })
  // The last to go: what ends now is traced too.
  opened.defer(async () => tracing?.close())
  let pageUrl: string | undefined
  let open: OpenDoors | undefined
  const house = await openHouse(config, {
    clock,
    log,
    count,
    tracing,
    pageUrl: () => pageUrl,
    onRevoked: (address, name) => open?.endSessions(address, name),
  })
  opened.defer(() => house.close())
  const { audit } = house
  if (audit !== undefined) opened.defer(onHangUp(() => audit.reopen()))
  const certificate = await loadCertificate({
    ...(config.tlsCert === undefined || config.tlsKey === undefined
      ? {}
      : { certFile: config.tlsCert, keyFile: config.tlsKey }),
    dataDir: config.dataDir,
    names: certificateNames(config),
    clock,
    log,
  })
  const doors: Addresses = {}
  const readiness = () => readinessOf(house, { ...doors }, config)
  let metricsUrl: string | undefined
  if (config.metricsPort !== 'off') {
    const { metricsPort: port, metricsHost: host = config.host } = config
    const own = createMetricsPort({ host, port, metrics, readiness, log })
    metricsUrl = `${(await listening('metricsPort', () => own.listen())).url}/metrics`
    opened.defer(() => own.close())
  }

  const office = createOffice(house, {
    metrics: () => metrics.text(),
    whereabouts: async () => ({ servers: mailServers(doors), pageUrl }),
  })
  let pagesAt: string | undefined
  if (config.webPort !== 'off') {
    const { host, isTls, needsSignIn, publicUrl } = pageAccess(config)
    const page = createWeb({
      consent: witnessedConsent(house.consent, house.audit, 'web'),
      passwords: witnessedPasswords(house.passwords, house.audit, 'web'),
      clock,
      randomBytes,
      log,
      host,
      port: config.webPort,
      hostNames: isLoopbackAddress(host) ? [] : [hostname()],
      publicUrl,
      tls: isTls ? () => certificate.current() : undefined,
      signIn: needsSignIn ? await signInFor(config, { house, clock, log, count }) : undefined,
      accounts: () => house.accounts.reports(),
      mailServers: () => mailServers(doors),
      oauthClient: house.oauthClient,
      authority: async () => (await certificate.current()).authority,
      async sign(content) {
        const { signedContent } = await import('#wire/cms-signature.ts')
        return signedContent(content, await certificate.current())
      },
      ...liveFigures(house, { doors: () => open, troubles, cacheDiskMb: config.cacheDiskMb }),
      readiness,
      routes(app) {
        if (config.metricsPort !== 'off') return
        app.get('/metrics', async (_request, reply) =>
          reply.type(metrics.contentType).send(await metrics.text()),
        )
      },
      connected: () => house.openAll(),
    })
    pagesAt = (await listening('webPort', () => page.listen())).url
    pageUrl = publicUrl?.href ?? pagesAt
    metricsUrl ??= `${pagesAt}metrics`
    opened.defer(() => page.close())
  }
  await house.start()

  open = await openDoors(config, house, { certificate, clock, log, count, tracing, closing: opened })
  Object.assign(doors, open.addresses)
  metrics.watch(figuresOf(house, open, config.dataDir))
  const line = await openOfficeLine(office, { dataDir: config.dataDir, log })
  opened.defer(() => line.close())

  const closing = opened.move()
  return {
    house,
    ready: {
      ...doors,
      ...(pagesAt === undefined ? {} : { web: { url: pagesAt.replace(/\/$/, '') } }),
      ...(metricsUrl === undefined ? {} : { metrics: { url: metricsUrl } }),
    },
    entryUrl: pageUrl,
    close: () => closing.disposeAsync(),
  }
}

/** What logrotate and its like send; gives the way to stop. Windows means something else by it. */
function onHangUp(reopen: () => void): () => void {
  if (process.platform === 'win32') return () => {}
  process.on('SIGHUP', reopen)
  return () => void process.off('SIGHUP', reopen)
}
