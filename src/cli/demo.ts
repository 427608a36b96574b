import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { saveGrant } from '#auth/grant.ts'
import { systemClock } from '#mail/surroundings.ts'
import type { Simulator } from '#simulator/simulator.ts'
import { startBridge } from './bridge.ts'
import type { Bridge } from './bridge.ts'
import { createLog } from './log.ts'
import type { DemoOptions } from './program.ts'
import { printReady } from './ready.ts'
import { readConfig } from './settings.ts'
import { openSimulator, told } from './simulator.ts'
import { listenForStop, untilStopped } from './until-stopped.ts'

/** `postern demo`: a simulated Gmail, an ordinary bridge that is pointed at it, and one account with a password. */
export async function demo(options: DemoOptions): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const dir = options.data ?? (await mkdtemp(join(tmpdir(), 'postern-demo-')))
  if (options.data === undefined)
    opened.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }).catch(() => {}))
  const base = readConfig(process.env)
  const log = createLog(process.env['POSTERN_LOG_LEVEL'] === undefined ? 'warn' : base.logLevel)
  const dataDir = options.data === undefined ? undefined : join(dir, 'gmail')
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true })
  const gmail = await openSimulator({ ...options, dataDir, port: 0 })
  opened.defer(() => gmail.close())
  const bridge = await startBridge(
    {
      ...base,
      dataDir: join(dir, 'bridge'),
      accountsFile: undefined,
      databaseUrl: undefined,
      googleClientId: gmail.clientId,
      googleClientSecret: gmail.clientSecret,
      gmailApiUrl: gmail.url,
      googleAuthUrl: gmail.url,
      googleTokenUrl: gmail.url,
      quotaPerMinute: bridgeQuota(options.quota, base.quotaPerMinute),
    },
    { clock: systemClock, log },
  )
  opened.defer(() => bridge.close())
  const password = await connect(bridge, gmail)
  const account = { user: gmail.account, password }
  const stop = listenForStop(log)
  if (options.json === true) printReady({ ...bridge.ready, simulator: told(gmail), account })
  else process.stdout.write(instructions(bridge, gmail, password))
  const closing = opened.move()
  await untilStopped(log, stop, () => closing.disposeAsync())
}

/** An unlimited Gmail must not be asked at the pace of a limited one. */
function bridgeQuota(simulated: number | undefined, configured: number): number {
  if (simulated === undefined) return configured
  return simulated === 0 ? 100_000_000 : Math.max(60, simulated)
}

const passwordName = 'demo'

/** The account's grant is one that the simulator gives without asking anybody; a new password for each run. */
async function connect({ house }: Bridge, gmail: Simulator): Promise<string> {
  const row = await house.store.addAccount(gmail.account)
  await saveGrant(house.store, row.id, {
    kind: 'refresh-token',
    refreshToken: gmail.refreshToken,
    scopes: ['https://mail.google.com/'],
    clientId: gmail.clientId,
    clientSecret: gmail.clientSecret,
  })
  house.tokens.renewed(row.id)
  await house.accounts.open(row)
  await house.passwords.revoke(gmail.account, passwordName)
  return (await house.passwords.make(gmail.account, { name: passwordName })).password
}

function instructions({ ready }: Bridge, gmail: Simulator, password: string): string {
  const { imap, imaps, pop3, smtp, web } = ready
  const rows: string[] = []
  if (imap !== undefined) rows.push(`  IMAP     ${imap.host}  port ${imap.port}  STARTTLS`)
  if (imaps !== undefined) rows.push(`           ${imaps.host}  port ${imaps.port}  TLS`)
  if (pop3 !== undefined) rows.push(`  POP3     ${pop3.host}  port ${pop3.port}  STLS`)
  if (smtp !== undefined) rows.push(`  SMTP     ${smtp.host}  port ${smtp.port}  STARTTLS`)
  const url = imap === undefined ? '' : `imap://${imap.host}:${imap.port}/INBOX`
  return [
    '',
    'Postern is ready: a mail server on this machine, with a simulated Gmail behind it.',
    '',
    'Point a mail client at it (its certificate is its own: accept it):',
    ...rows,
    `  user     ${gmail.account}`,
    `  password ${password}`,
    '',
    'Or read the newest message of the inbox in a terminal:',
    `  curl --user '${gmail.account}:${password}' '${url};MAILINDEX=*'`,
    '',
    `See the mailbox as Gmail sees it, and send yourself a test message: ${gmail.url}`,
    ...(web === undefined ? [] : [`Connect accounts and make passwords: ${web.url}`]),
    '',
    'Ctrl-C ends it.',
    '',
    '',
  ].join('\n')
}
