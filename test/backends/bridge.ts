import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { control, startPostern, withFolder } from '#test/postern.ts'
import type { Ready, Running } from '#test/postern.ts'
import type { Backend } from './backend.ts'
import { openGate } from './gate.ts'
import type { Gate } from './gate.ts'
import { seed } from './tour.ts'

export const password = 'the-same-for-everybody'

/** One bridge with an account for each backend. */
export interface Bridge {
  readonly running: Running
  readonly google: Ready
  readonly addressOf: (name: string) => string
  readonly requestsOf: (name: string) => number
}

/** The address is given as people write it. */
const end = '/'

/** `postern serve` behind a gate, with a seeded account of the simulator's for each of these backends. */
export function withBackends(
  backends: Readonly<Record<string, Backend>>,
  work: (bridge: Bridge) => Promise<void>,
): Promise<void> {
  return withFolder(async (dir) => {
    await using opened = new AsyncDisposableStack()
    const simulator = await startPostern(['simulator', '--quota', '0'])
    opened.defer(async () => void (await simulator.stop()))
    const google = simulator.ready
    const gate = await openGate(google.simulator.url, '/some/gate')
    opened.use(gate)
    const names = Object.keys(backends)
    const addressOf = (name: string) => `person${names.indexOf(name)}@gmail.test`
    const tokens = new Map<string, string>()
    for (const name of names)
      tokens.set(name, await moveIn(google, gate, addressOf(name), backends[name] ?? {}))
    const accountsFile = join(dir, 'accounts.json')
    const passwords = [{ name: 'tour', password }]
    const accounts = names.map((name) => ({
      email: addressOf(name),
      auth: { refreshToken: tokens.get(name) },
      passwords,
    }))
    await writeFile(accountsFile, JSON.stringify({ accounts }))
    const running = await startPostern(['serve'], {
      POSTERN_DATA_DIR: join(dir, 'data'),
      POSTERN_ACCOUNTS_FILE: accountsFile,
      POSTERN_GMAIL_API_URL: gate.url + end,
      POSTERN_GOOGLE_AUTH_URL: gate.url + end,
      POSTERN_GOOGLE_TOKEN_URL: gate.url + end,
      GOOGLE_CLIENT_ID: google.simulator.clientId,
      GOOGLE_CLIENT_SECRET: google.simulator.clientSecret,
      POSTERN_POLL_SECONDS: '1',
      POSTERN_QUOTA_PER_MINUTE: '600000',
    })
    opened.defer(async () => void (await running.stop()))
    await work({
      running,
      google,
      addressOf,
      requestsOf: (name) => gate.requestsOf(tokens.get(name) ?? ''),
    })
  })
}

async function moveIn(google: Ready, gate: Gate, address: string, backend: Backend): Promise<string> {
  const { refreshToken } = await control(google, 'addAccount', { address })
  await seed(google, address)
  gate.put(refreshToken as string, backend)
  return refreshToken as string
}
