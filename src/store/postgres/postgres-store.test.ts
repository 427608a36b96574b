import { rmSync } from 'node:fs'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { createSeal } from '#auth/seal.ts'
import { systemClock } from '#mail/surroundings.ts'
import { noPostgres, PostgresServer } from '../testing/postgres-server.ts'
import { newQuietLog } from '../testing/quiet-log.ts'
import { storeContract } from '../testing/store-contract.ts'
import { openPostgresStore } from './postgres-store.ts'

const rightKey = createSeal(Buffer.alloc(32, 1))

describe('PostgreSQL', { skip: noPostgres }, () => {
  let server: PostgresServer
  let folder: string
  before(async () => {
    server = await PostgresServer.start()
    folder = mkdtempSync(join(tmpdir(), 'postern-store-'))
  })
  after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  storeContract('PostgreSQL', async () => {
    const url = await server.newDatabase()
    const markPath = join(folder, url.replace(/.*\//, '').replace(/\?.*/, ''))
    const open = () =>
      openPostgresStore({
        url,
        markPath,
        seal: rightKey,
        clock: systemClock,
        log: newQuietLog(),
        onUnusable() {},
      })
    let store = await open()
    return {
      store,
      async reopen() {
        await store.close()
        store = await open()
        return store
      },
      close: () => store.close(),
    }
  })
})
