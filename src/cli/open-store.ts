import { join } from 'node:path'
import type { Clock, Log, Seal } from '#mail/surroundings.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import type { Store } from '#store/store.ts'
import type { Config } from './settings.ts'
import { storeFile } from './store-file.ts'

/** Beside it: `.mark`. */
const postgresMark = 'postgres'

/**
 * Opens the store that the settings name: PostgreSQL, whose driver is loaded only then, or the file in the data folder. Throws
 * StoreError.
 */
export async function openStore(
  { dataDir, databaseUrl }: Pick<Config, 'dataDir' | 'databaseUrl'>,
  { seal, clock, log }: { seal: Seal; clock: Clock; log: Log },
): Promise<Store> {
  if (databaseUrl === undefined) return openSqliteStore({ path: join(dataDir, storeFile), seal, clock, log })
  const { openPostgresStore } = await import('#store/postgres/postgres-store.ts')
  return openPostgresStore({
    url: databaseUrl,
    markPath: join(dataDir, postgresMark),
    seal,
    clock,
    log,
    onUnusable(error) {
      // Nobody catches it: the process ends with code 70, and a supervisor starts one that reads the database anew.
      setImmediate(() => {
        throw error
      })
    },
  })
}
