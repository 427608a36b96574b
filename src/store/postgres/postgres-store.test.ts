import { after, before, describe } from 'node:test'
import { PostgresGround } from '../testing/postgres-ground.ts'
import { noPostgres } from '../testing/postgres-server.ts'
import { storeContract } from '../testing/store-contract.ts'

describe('PostgreSQL', { skip: noPostgres }, () => {
  let ground: PostgresGround
  before(async () => {
    ground = await PostgresGround.make()
  })
  after(() => ground.end())

  storeContract('PostgreSQL', async () => {
    const url = await ground.server.emptiedDatabase()
    const markPath = ground.newMarkPath()
    let store = await ground.open(undefined, url, { markPath })
    return {
      store,
      async reopen() {
        await store.close()
        store = await ground.open(undefined, url, { markPath })
        return store
      },
      close: () => store.close(),
    }
  })
})
