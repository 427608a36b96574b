import { readAccountsFile } from '#auth/accounts-file.ts'
import type { FileAccounts } from '#auth/accounts-file.ts'
import { runningOffice } from '../office-line.ts'
import { readConfig } from '../settings.ts'
import type { Config } from '../settings.ts'
import { tellOfUnknown, unknownSettings } from '../unknown-settings.ts'
import { lookAtCertificate } from './certificate.ts'
import type { Finding, Look } from './finding.ts'
import { lookAtGoogle } from './google.ts'
import { lookAtHouse, lookAtRunning } from './house.ts'
import { lookAtMachine } from './machine.ts'
import { lookAtPages } from './pages.ts'
import { lookAtPorts } from './ports.ts'
import { lookAtPush } from './push.ts'
import { lookAtTraces } from './traces.ts'

/** `postern doctor`: looks at everything that can be wrong and says what to do. Exits with 1 when something is. */
export async function doctor({ json }: { json?: boolean }): Promise<void> {
  const findings = await examination(({ ok, check, text }) => {
    if (json !== true) process.stdout.write(`${ok ? '  ok  ' : ' FAIL '} ${check}: ${text}\n`)
  })
  const wrong = findings.filter(({ ok }) => !ok).length
  if (wrong > 0) process.exitCode = 1
  if (json === true) process.stdout.write(`${JSON.stringify(findings)}\n`)
  else process.stdout.write(wrong === 0 ? 'All is well.\n' : `${wrong} of ${findings.length} need you.\n`)
}

/** Every check that this machine allows; each finding is told when it is made. */
export async function examination(tell: (finding: Finding) => void): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const look: Look = async (check, run) => {
    let finding: Finding
    try {
      finding = { check, ok: true, text: await run() }
    } catch (error) {
      finding = { check, ok: false, text: (error as Error).message }
    }
    findings.push(finding)
    tell(finding)
    return finding.ok
  }
  let config: Config | undefined
  await look('configuration', async () => {
    config = readConfig(process.env)
    const unknown = unknownSettings(process.env).map(tellOfUnknown)
    if (unknown.length > 0) throw new Error(unknown.join('. '))
    return 'every variable can be used'
  })
  if (config !== undefined) await examine(config, look)
  return findings
}

async function examine(config: Config, look: Look): Promise<void> {
  await lookAtMachine(config, look)
  const running = await runningOffice(config.dataDir)
  if (running !== undefined) await look('running', async () => 'Postern runs on this data folder')
  else await lookAtPorts(config, look)
  await lookAtCertificate(config, look)
  await lookAtPages(config, look)
  await lookAtGoogle(config, look)
  await lookAtPush(config, look)
  await lookAtTraces(config, look)
  const { accountsFile } = config
  if (accountsFile !== undefined)
    await look(
      'accounts file',
      async () => `${countOf(await readAccountsFile(accountsFile))} in ${accountsFile}`,
    )
  if (running !== undefined) await lookAtRunning(running, look)
  else await lookAtHouse(config, look)
}

function countOf({ accounts, patterns }: FileAccounts): string {
  const domains = patterns.length === 0 ? '' : ` and ${patterns.length} whole domains`
  return `${accounts.length} accounts${domains}`
}
