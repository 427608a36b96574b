import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startPostern, withFolder } from './postern.ts'
import type { Ready, Running } from './postern.ts'

/** The simulator's account. */
export const demoUser = 'demo@gmail.test'

/** A bridge of its own beside a simulator of its own, both processes. */
export interface Served {
  readonly bridge: Running
  readonly ready: Ready
  /** The simulator's. */
  readonly google: Ready
  readonly dir: string
  /** The accounts file. */
  readonly accountsFile: string
  /** What the bridge was started with, for commands that work beside it. */
  readonly environment: Record<string, string>
}

/** Runs `postern serve` with an accounts file on `postern simulator`, and ends both when the work is done. */
export function withServe(
  accountsOf: (google: Ready, dir: string) => Promise<object> | object,
  work: (served: Served) => Promise<void>,
  { settings = {}, audit = false }: { settings?: Record<string, string>; audit?: boolean } = {},
): Promise<void> {
  return withFolder(async (dir) => {
    const simulator = await startPostern(['simulator', '--quota', '0'])
    try {
      const google = simulator.ready
      const { url, clientId, clientSecret } = google.simulator
      const accountsFile = join(dir, 'accounts.json')
      await writeFile(accountsFile, JSON.stringify(await accountsOf(google, dir)))
      const environment = {
        POSTERN_DATA_DIR: join(dir, 'data'),
        POSTERN_ACCOUNTS_FILE: accountsFile,
        POSTERN_GMAIL_API_URL: url,
        POSTERN_GOOGLE_AUTH_URL: url,
        POSTERN_GOOGLE_TOKEN_URL: url,
        POSTERN_PUBSUB_URL: url,
        GOOGLE_CLIENT_ID: clientId,
        GOOGLE_CLIENT_SECRET: clientSecret,
        POSTERN_POLL_SECONDS: '1',
        ...(audit ? { POSTERN_AUDIT_LOG: join(dir, 'audit.log') } : {}),
        ...settings,
      }
      const bridge = await startPostern(['serve'], environment)
      try {
        await work({ bridge, ready: bridge.ready, google, dir, accountsFile, environment })
      } finally {
        await bridge.stop()
      }
    } finally {
      await simulator.stop()
    }
  })
}
