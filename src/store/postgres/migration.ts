import { StoreError } from '../store.ts'
import type { Database } from './database.ts'
import { first } from './migrations/001-first.ts'
import { saveDates } from './migrations/002-save-dates.ts'

/** One step of the schema. Never changed once it was released; what must change comes as the next number. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

const migrations: readonly Migration[] = [first, saveDates]

/** Makes the schema `postern` ours. Throws StoreError `damaged` when it is another program's. */
export async function claim(db: Database): Promise<void> {
  const [known, relations] = (await db.get<[boolean, number]>(
    `select to_regclass('postern.migration') is not null,
       (select count(*) from pg_class where relnamespace = to_regnamespace('postern'))`,
  )) ?? [false, 0]
  if (known) return
  if (relations > 0)
    throw new StoreError(
      'damaged',
      `The schema postern of the database ${db.shown} is another program's. Name another database.`,
    )
  await db.transaction(async (tx) => {
    // Who may use a schema need not be allowed to make one.
    const there = await tx.get(`select 1 where to_regnamespace('postern') is not null`)
    if (there === undefined) await tx.run('create schema postern')
    await tx.run(
      'create table migration (version integer primary key, name text not null, applied_at bigint not null)',
    )
  })
}

/** Brings the schema to this program's version, each step in a transaction of its own. Throws StoreError `newer`. */
export async function migrate(db: Database, now: number): Promise<void> {
  const [version] = (await db.get<[number]>('select coalesce(max(version), 0)::integer from migration')) ?? [
    0,
  ]
  const known = migrations.at(-1)?.version ?? 0
  if (version > known)
    throw new StoreError(
      'newer',
      `The database ${db.shown} was made by a newer Postern (schema ${version}, this program knows ${known}). ` +
        'Install that version again, or restore a backup that is older than the update.',
    )
  for (const migration of migrations.filter((one) => one.version > version))
    await db.transaction(async (tx) => {
      await tx.run(migration.sql)
      await tx.run('insert into migration values ($1, $2, $3)', migration.version, migration.name, now)
    })
}
