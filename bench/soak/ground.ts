import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspected } from '#test/faults/inspector.ts'
import { Restarts } from '#test/faults/restarts.ts'
import { control, startPostern } from '#test/postern.ts'
import type { Ready } from '#test/postern.ts'
import { Person } from './person.ts'
import type { Timings } from './timings.ts'

export const password = 'a password for the soak'

/** Where a soak happens. */
export interface Ground {
  readonly google: Ready
  readonly restarts: Restarts
  readonly people: readonly Person[]
  readonly timings: Timings
  /** Sessions stop at this. */
  readonly isOver: () => boolean
}

/** A simulated Gmail with many mailboxes, and a bridge that knows them from its accounts file. */
export async function openGround(
  dir: string,
  accounts: number,
): Promise<Pick<Ground, 'google' | 'restarts' | 'people'> & { close(): Promise<void> }> {
  const gmail = await startPostern(['simulator', '--quota', '0'])
  const google = gmail.ready
  const { simulator } = google
  const people = Array.from({ length: accounts }, (_, index) => new Person(`soak${index}@gmail.test`))
  const listed = []
  for (const { address } of people) {
    const { refreshToken } = await control(google, 'addAccount', { address })
    listed.push({ email: address, auth: { refreshToken }, passwords: [{ name: 'soak', password }] })
  }
  const file = join(dir, 'accounts.json')
  writeFileSync(file, JSON.stringify({ accounts: listed }))
  const environment = {
    POSTERN_DATA_DIR: join(dir, 'data'),
    POSTERN_ACCOUNTS_FILE: file,
    POSTERN_GMAIL_API_URL: simulator.url,
    POSTERN_GOOGLE_AUTH_URL: simulator.url,
    POSTERN_GOOGLE_TOKEN_URL: simulator.url,
    POSTERN_QUOTA_PER_MINUTE: '1000000',
    POSTERN_POP3_DELETE: 'trash',
    // Full soon: what grows then is no cache.
    POSTERN_CACHE_MEMORY_MB: '1',
    GOOGLE_CLIENT_ID: simulator.clientId,
    GOOGLE_CLIENT_SECRET: simulator.clientSecret,
    ...inspected,
  }
  try {
    const bridge = await startPostern(['serve'], environment)
    const restarts = new Restarts({ bridge, environment })
    return {
      google,
      restarts,
      people,
      async close() {
        await restarts.end()
        await gmail.stop()
      },
    }
  } catch (error) {
    await gmail.kill()
    throw error
  }
}
