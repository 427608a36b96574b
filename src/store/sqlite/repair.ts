import { existsSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'
import { StoreError } from '../store.ts'
import { Database } from './database.ts'
import { InstanceLock } from './instance-lock.ts'
import { claim, migrate } from './migration.ts'

/** What a repair saved. */
export interface Repair {
  /** Where the damaged file is now. */
  readonly kept: string
  /** Rows that could be read, by table; `whole`: the table had no fault that SQLite could see. */
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly whole: boolean }[]
  /** Which UID is which message was without a fault: clients keep what they have. Else mailboxes get new UIDVALIDITYs. */
  readonly uidsKept: boolean
}

/** What says which UID is which message. */
const uidTables = ['account', 'mailbox', 'message', 'flags', 'membership', 'vanished', 'sync', 'meta']
const rowsPerTransaction = 1000

/**
 * Makes a new database of what can be read of a damaged one, and keeps the old file under another name. Seals are copied as
 * they are: no key is needed. Afterwards every account compares its mailboxes with Gmail. Nothing is changed when it throws:
 * StoreError `locked` while a Postern has it open, `newer`, `disk`, `damaged` when not even the list of tables can be read.
 */
export function repairSqliteFile(path: string, now: number): Repair {
  if (!existsSync(path)) throw new StoreError('disk', `There is no ${path}: there is nothing to repair.`)
  requireClosed(path)
  const fresh = `${path}.repaired`
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${fresh}${suffix}`, { force: true })
  prepare(fresh, now)
  let tables: Repair['tables']
  // Two connections: a fault in the one must not end what the other is doing.
  const old = new DatabaseSync(path, { returnArrays: true, readOnly: true })
  const db = new DatabaseSync(fresh, { returnArrays: true, enableForeignKeyConstraints: false })
  try {
    requireSameSchema(db, old, path)
    tables = tableNames(db).map((name) => ({ name, ...copyTable(db, old, name) }))
    settle(db)
  } finally {
    db.close()
    old.close()
  }
  const uidsKept = uidTables.every((name) => tables.find((table) => table.name === name)?.whole === true)
  const kept = `${path}.damaged-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`
  for (const suffix of ['', '-wal', '-shm'])
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${kept}${suffix}`)
  // A database without its mark file counts as restored: uid-ledger.ts gives every mailbox a new UIDVALIDITY.
  if (!uidsKept && existsSync(`${path}.mark`)) renameSync(`${path}.mark`, `${kept}.mark`)
  renameSync(fresh, path)
  return { kept, tables, uidsKept }
}

/** A database that is too damaged to be locked is open nowhere either. */
function requireClosed(path: string): void {
  try {
    new Database(path).close()
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind === 'damaged') return
    throw error.kind === 'locked' ? new InstanceLock(path).refusal(error) : error
  }
}

/** An empty database of this program's schema. */
function prepare(path: string, now: number): void {
  const db = new Database(path)
  try {
    claim(db)
    migrate(db, now)
  } finally {
    db.close()
  }
}

function requireSameSchema(db: DatabaseSync, old: DatabaseSync, path: string): void {
  const versions = [db, old].map((one) => {
    try {
      const [version] = one.prepare('select max(version) from migration').get() as unknown as [number]
      return version
    } catch (cause) {
      throw new StoreError(
        'damaged',
        `Nothing of ${path} can be read. Move it away: accounts must be connected again.`,
        { cause },
      )
    }
  })
  if (versions[0] !== versions[1])
    throw new StoreError(
      'newer',
      `${path} was written by another version of Postern (schema ${versions[1]}, this program writes ${versions[0]}). Repair it with that one.`,
    )
}

function tableNames(db: DatabaseSync): string[] {
  const rows = db
    .prepare(
      `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name <> 'migration'`,
    )
    .all() as unknown as [string][]
  return rows.map(([name]) => name)
}

/** Reads from the beginning up to the first fault, then from the end: what lies between is lost. */
function copyTable(db: DatabaseSync, old: DatabaseSync, name: string): { rows: number; whole: boolean } {
  const columns = db.prepare(`pragma table_info(${name})`).all() as unknown as [
    number,
    string,
    ...unknown[],
  ][]
  const keys = columns
    .filter((column) => Number(column.at(-1)) > 0)
    .toSorted((a, b) => Number(a.at(-1)) - Number(b.at(-1)))
  const insert = db.prepare(`insert or replace into ${name} values (${columns.map(() => '?').join(', ')})`)
  const copy = (order: string): { rows: number; whole: boolean } => {
    let rows = 0
    let whole = true
    db.exec('begin')
    try {
      for (const row of old.prepare(`select * from ${name} order by ${order}`).iterate()) {
        insert.run(...(row as unknown as SQLInputValue[]))
        if (++rows % rowsPerTransaction === 0) db.exec('commit; begin')
      }
    } catch (error) {
      if (!isDamage(error)) throw error
      whole = false
    } finally {
      db.exec('commit')
    }
    return { rows, whole }
  }
  const order = (direction: string) => keys.map(([, column]) => `${column} ${direction}`).join(', ')
  const forward = copy(order('asc'))
  if (forward.whole) return { rows: forward.rows, whole: isSound(old, name) }
  copy(order('desc'))
  const [rows] = db.prepare(`select count(*) from ${name}`).get() as unknown as [number]
  return { rows, whole: false }
}

/** Faults that a walk through the table does not meet: an index that says otherwise. */
function isSound(old: DatabaseSync, name: string): boolean {
  try {
    const [[text] = ['']] = old.prepare(`pragma integrity_check(${name})`).all() as unknown as [string][]
    return text === 'ok'
  } catch (error) {
    if (!isDamage(error)) throw error
    return false
  }
}

/** CORRUPT, NOTADB, or a row that breaks a rule which a sound file cannot break. A full disk is none of these. */
function isDamage(error: unknown): boolean {
  const { errcode } = error as { errcode?: number }
  return errcode !== undefined && [11, 19, 26].includes(errcode & 0xff)
}

/** Rows that speak of what was lost go; every account begins by comparing what it has with Gmail. */
function settle(db: DatabaseSync): void {
  db.exec(`
    begin;
    delete from membership where m not in (select m from message);
    delete from membership where box not in (select box from mailbox);
    delete from flags where m not in (select m from message);
    insert into flags select m, 0, 0, 0 from message where m not in (select m from flags);
    delete from content where m not in (select m from message);
    delete from header where m not in (select m from message);
    delete from sieve where m not in (select m from message);
    delete from sheaf where sheaf not in (select sheaf from sheaf_content)
      or sheaf not in (select sheaf from sheaf_header);
    delete from sheaf_content where sheaf not in (select sheaf from sheaf);
    delete from sheaf_header where sheaf not in (select sheaf from sheaf);
    delete from sheaf_sieve where sheaf not in (select sheaf from sheaf);
    update message set hydrated = 0 where hydrated = 1
      and (m not in (select m from content) or m not in (select m from header))
      and not exists (select 1 from sheaf s where s.sheaf = m >> 4 and (s.members >> (m & 15)) & 1);
    update sync set phase = 'expired', history_id = null where phase <> 'unsynced';
    update sync set next_key = max(next_key, coalesce(
      (select max(m % 4294967296) + 1 from message where message.account = sync.account), 1));
    update mailbox set uid_next = max(uid_next, coalesce(
      (select max(uid) + 1 from membership where membership.box = mailbox.box), 1));
    delete from staged;
    delete from listing;
    commit;
  `)
}
