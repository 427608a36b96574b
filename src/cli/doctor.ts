import { constants } from 'node:fs'
import { access, mkdir, readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { X509Certificate } from 'node:crypto'
import { readAccountsFile } from '#auth/accounts-file.ts'
import { endpointsFrom } from '#auth/endpoints.ts'
import { GrantError } from '#mail/errors.ts'
import { systemClock } from '#mail/surroundings.ts'
import { uncounted } from '#metrics/uncounted.ts'
import { openHouse } from './house.ts'
import type { House } from './house.ts'
import { createLog } from './log.ts'
import { runningOffice } from './office-line.ts'
import type { Office } from './office.ts'
import { readConfig, settings } from './settings.ts'
import type { Config, Port } from './settings.ts'

/** What was found, and what to do when it is not well. */
interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly text: string
}

type Check = () => Promise<string>

const reachWithinMs = 10_000
const certificateWarningDays = 14

/** `postern doctor`: looks at everything that can be wrong and says what to do. Exits with 1 when something is. */
export async function doctor({ json }: { json?: boolean }): Promise<void> {
  const findings: Finding[] = []
  const look = async (check: string, run: Check): Promise<boolean> => {
    let finding: Finding
    try {
      finding = { check, ok: true, text: await run() }
    } catch (error) {
      finding = { check, ok: false, text: (error as Error).message }
    }
    findings.push(finding)
    if (json !== true) process.stdout.write(`${finding.ok ? '  ok  ' : ' FAIL '} ${check}: ${finding.text}\n`)
    return finding.ok
  }

  let config: Config | undefined
  await look('configuration', async () => {
    config = readConfig(process.env)
    return 'every variable can be used'
  })
  if (config !== undefined) await examine(config, look)
  if (json === true) process.stdout.write(`${JSON.stringify(findings)}\n`)
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1
}

async function examine(config: Config, look: (check: string, run: Check) => Promise<boolean>): Promise<void> {
  await look('data folder', async () => {
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
    await access(config.dataDir, constants.R_OK | constants.W_OK).catch(() => {
      throw new Error(`${config.dataDir} cannot be written. Set POSTERN_DATA_DIR to a folder that can`)
    })
    return config.dataDir
  })
  const running = await runningOffice(config.dataDir)
  if (running !== undefined) await look('running', async () => 'Postern runs on this data folder')
  else await lookAtPorts(config, look)
  await look('certificate', () => certificate(config))
  await look('Google client', async () => {
    if (config.googleClientId === undefined)
      throw new Error(
        'GOOGLE_CLIENT_ID is not set: no account can be connected in the browser. README, "The real Gmail", says how to get one',
      )
    return 'GOOGLE_CLIENT_ID is set'
  })
  const { tokenUrl, apiUrl } = endpointsFrom({ tokenUrl: config.googleTokenUrl, apiUrl: config.gmailApiUrl })
  await look('Google sign-in', () => reach(tokenUrl))
  await look('Gmail API', () => reach(apiUrl))
  const { accountsFile } = config
  if (accountsFile !== undefined)
    await look(
      'accounts file',
      async () => `${(await readAccountsFile(accountsFile)).length} accounts in ${accountsFile}`,
    )
  if (running !== undefined) await lookAtRunning(running, look)
  else await lookAtHouse(config, look)
}

async function lookAtPorts(
  config: Config,
  look: (check: string, run: Check) => Promise<boolean>,
): Promise<void> {
  for (const key of ['imapPort', 'imapsPort', 'webPort'] as const) {
    const port: Port = config[key]
    if (port === 'off' || port === 0) continue
    await look(`port ${port}`, async () => {
      const server = createServer().listen(port, config.host)
      try {
        await once(server, 'listening')
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        throw new Error(
          `cannot be used (${code ?? 'unknown error'}). End what uses it, or set ${settings[key].name} to another`,
          { cause: error },
        )
      }
      server.close()
      return 'is free'
    })
  }
}

async function certificate({ tlsCert }: Config): Promise<string> {
  if (tlsCert === undefined) return 'Postern issues its own; the page /trust says how to trust it'
  const { validTo, subject } = new X509Certificate(await readFile(tlsCert))
  const days = Math.floor((Date.parse(validTo) - Date.now()) / 86_400_000)
  if (days < certificateWarningDays)
    throw new Error(
      `${tlsCert} ends in ${days} days (${validTo}). Put a new one there; it is taken up without a restart`,
    )
  return `${subject.replaceAll('\n', ', ')}, until ${validTo}`
}

/** Any answer will do: this is about the way there. */
async function reach(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(reachWithinMs), redirect: 'manual' })
    await answer.body?.cancel()
    return `${new URL(url).host} answers`
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
    throw new Error(
      `${new URL(url).host} does not answer (${cause?.code ?? (error as Error).name}). Check the network, a firewall, and HTTPS_PROXY`,
      { cause: error },
    )
  }
}

async function lookAtRunning(
  office: Office,
  look: (check: string, run: Check) => Promise<boolean>,
): Promise<void> {
  for (const { address, alert, phase, messages } of await office.reports())
    await look(address, async () => {
      if (alert !== undefined) throw new Error(alert)
      return `${phase}, ${messages} messages`
    })
}

async function lookAtHouse(
  config: Config,
  look: (check: string, run: Check) => Promise<boolean>,
): Promise<void> {
  let house: House | undefined
  const opened = await look('store', async () => {
    house = await openHouse(config, {
      clock: systemClock,
      log: createLog('silent'),
      count: uncounted,
      pageUrl: () => undefined,
    })
    const faults = await house.store.check()
    if (faults.length > 0) throw new Error(faults.join('; '))
    return 'is sound'
  })
  if (house === undefined) return
  try {
    if (!opened) return
    const rows = await house.store.accounts()
    if (rows.length === 0) await look('accounts', async () => 'none is connected yet')
    for (const row of rows) await look(row.address, () => grant(house as House, row.id))
  } finally {
    await house.close()
  }
}

async function grant(house: House, id: Parameters<House['accounts']['mailstoreOf']>[0]): Promise<string> {
  try {
    await house.tokens.sourceOf(id).accessToken(AbortSignal.timeout(30_000))
    return 'Google accepts the grant'
  } catch (error) {
    if (error instanceof GrantError) throw error
    throw new Error(`the grant cannot be checked: ${(error as Error).message}`, { cause: error })
  }
}
