import { randomBytes } from 'node:crypto'
import { SealError, type Seal } from '#mail/surroundings.ts'
import { purposes } from '../purposes.ts'
import { StoreError } from '../store.ts'
import type { Database } from './database.ts'

/**
 * The key by which addresses and names are looked up; undefined in a new database. Sealed, it also shows whether the seal is
 * the right one. Throws StoreError `wrong-key`.
 */
export async function knownLookupKey(db: Database, seal: Seal): Promise<Buffer | undefined> {
  const [isMade] = (await db.get<[boolean]>(`select to_regclass('postern.state') is not null`)) ?? [false]
  if (!isMade) return undefined
  const [database, sealed] =
    (await db.get<[string, Buffer | null]>('select database, lookup_key from state')) ?? []
  if (database === undefined || sealed === undefined || sealed === null) return undefined
  try {
    return seal.open(sealed, purposes.lookupKey(database))
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    throw new StoreError(
      'wrong-key',
      `The database ${db.shown} was sealed under another key. Nothing was changed. Give Postern the key it had ` +
        '(POSTERN_KEY, POSTERN_KEY_FILE or the key file in the data folder). If that key is lost, name a new database.',
      { cause: error },
    )
  }
}

export async function makeLookupKey(db: Database, seal: Seal, database: string): Promise<Buffer> {
  const key = randomBytes(32)
  await db.transaction((tx) =>
    tx.run('update state set lookup_key = $1', seal.seal(key, purposes.lookupKey(database))),
  )
  return key
}
