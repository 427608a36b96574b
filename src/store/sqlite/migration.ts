import { first } from './migrations/001-first.ts'
import { popped } from './migrations/002-popped.ts'
import { sends } from './migrations/003-sends.ts'
import { subscriptions } from './migrations/004-subscriptions.ts'
import { sentCopies } from './migrations/005-sent-copies.ts'
import { sieves } from './migrations/006-sieves.ts'
import { sheaves } from './migrations/007-sheaves.ts'
import { saveDates } from './migrations/008-save-dates.ts'
import { flags } from './migrations/009-flags.ts'
import type { Database } from './database.ts'
import { StoreError } from '../store.ts'

/** One step of the schema. Never changed once it was released; what must change comes as the next number. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

const migrations: readonly Migration[] = [
  first,
  popped,
  sends,
  subscriptions,
  sentCopies,
  sieves,
  sheaves,
  saveDates,
  flags,
]

/** `PSTN`, in the file's header: this database is ours. */
const applicationId = 0x5053_544e

/** Makes a new file ours. Throws StoreError `damaged` when it is another program's. */
export function claim(db: Database): void {
  const [id] = db.get<[number]>('pragma application_id') ?? [0]
  const [tables] = db.get<[number]>('select count(*) from sqlite_schema') ?? [0]
  if (id !== applicationId && tables > 0)
    throw new StoreError(
      'damaged',
      `${db.path} is a database of another program. Choose another data folder, or move the file away.`,
    )
  if (tables === 0)
    db.transaction(() => {
      db.exec(`pragma application_id = ${applicationId}`)
      db.exec(`
        create table migration (version integer primary key, name text not null, applied_at integer not null);
        create table meta (name text primary key, value) without rowid;`)
    })
}

/** Brings the schema to this program's version, each step in a transaction of its own. Throws StoreError `newer`. */
export function migrate(db: Database, now: number): void {
  const [version] = db.get<[number]>('select coalesce(max(version), 0) from migration') ?? [0]
  const known = migrations.at(-1)?.version ?? 0
  if (version > known)
    throw new StoreError(
      'newer',
      `${db.path} was made by a newer Postern (schema ${version}, this program knows ${known}). ` +
        'Install that version again, or restore a backup that is older than the update.',
    )
  for (const migration of migrations.filter((one) => one.version > version))
    db.transaction(() => {
      db.exec(migration.sql)
      db.run('insert into migration values (?, ?, ?)', migration.version, migration.name, now)
    })
}
