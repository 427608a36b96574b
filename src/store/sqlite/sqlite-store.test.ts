import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSeal } from '#auth/seal.ts'
import { systemClock, type Log } from '#mail/surroundings.ts'
import { storeContract } from '../testing/store-contract.ts'
import { openSqliteStore } from './sqlite-store.ts'

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
const seal = createSeal(Buffer.alloc(32, 1))

storeContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-store-'))
  const open = () =>
    openSqliteStore({ path: join(folder, 'postern.db'), seal, clock: systemClock, log: quiet })
  let store = await open()
  return {
    store,
    async reopen() {
      await store.close()
      store = await open()
      return store
    },
    async close() {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})
