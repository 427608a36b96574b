import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createSeal } from '#auth/seal.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openPostgresStore, type PostgresStoreOptions } from '../postgres/postgres-store.ts'
import type { Store } from '../store.ts'
import { PostgresServer } from './postgres-server.ts'
import { newQuietLog } from './quiet-log.ts'

/** The key of a test's store. */
const rightKey = createSeal(Buffer.alloc(32, 1))

/** A server and a folder for a file of tests. */
export class PostgresGround {
  readonly server: PostgresServer
  readonly folder: string
  #marks = 0

  private constructor(server: PostgresServer, folder: string) {
    this.server = server
    this.folder = folder
  }

  static async make(server?: PostgresServer): Promise<PostgresGround> {
    return new PostgresGround(
      server ?? (await PostgresServer.start()),
      mkdtempSync(join(tmpdir(), 'postern-store-')),
    )
  }

  async end(): Promise<void> {
    await this.server.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  newMarkPath(): string {
    return join(this.folder, `mark-${++this.#marks}`)
  }

  /** Opens a store; it is closed when the test ends, if one is given. */
  async open(
    t: TestContext | undefined,
    url: string,
    options: Partial<PostgresStoreOptions> & Pick<PostgresStoreOptions, 'markPath'>,
  ): Promise<Store> {
    const store = await openPostgresStore({
      url,
      seal: rightKey,
      clock: systemClock,
      log: newQuietLog(),
      onUnusable() {},
      ...options,
    })
    t?.after(() => store.close())
    return store
  }
}
