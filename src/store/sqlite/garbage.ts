import type { Database } from './database.ts'
import { pause } from '../pause.ts'

/** Rows deleted in one go; keeps the event loop free. */
const sliceRows = 500

/**
 * What is to be forgotten by the ten thousand is first made unreachable in the transaction that says so, then deleted in
 * slices; after a kill the next opening goes on. `box` and `list` come before `account`, whose messages they hold.
 */
type Kind = 'box' | 'list' | 'account'

const deletions: Record<Kind, readonly string[]> = {
  box: [
    'delete from membership where box = ?1 and uid in (select uid from membership where box = ?1 limit ?2)',
    `delete from vanished where box = ?1 and (mod_seq, uid) in
       (select mod_seq, uid from vanished where box = ?1 limit ?2)`,
    'delete from save_date where box = ?1 and uid in (select uid from save_date where box = ?1 limit ?2)',
  ],
  list: ['delete from staged where list = ?1 and n in (select n from staged where list = ?1 limit ?2)'],
  account: [
    `delete from sheaf where sheaf in (select sheaf from sheaf
       where sheaf between ?1 * 268435456 and ?1 * 268435456 + 268435455 limit ?2)`,
    `delete from message where m in
       (select m from message where m between ?1 * 4294967296 and ?1 * 4294967296 + 4294967295 limit ?2)`,
    'delete from keyword_set where id in (select id from keyword_set where account = ?1 limit ?2)',
    'delete from account where id in (select id from account where id = ?1 limit ?2)',
  ],
}

/** Call inside the transaction after which nothing reaches these rows any more. */
export function discard(db: Database, kind: Kind, number: number): void {
  db.run('insert or ignore into garbage values (?, ?)', kind, number)
}

/** Deletes all that was discarded, with pauses. */
export async function purge(db: Database): Promise<void> {
  while (purgeSlice(db)) await pause()
}

/** One slice; false when nothing is left. */
function purgeSlice(db: Database): boolean {
  const next = db.get<[Kind, number]>(
    `select kind, number from garbage order by kind = 'account', kind, number limit 1`,
  )
  if (next === undefined) return false
  const [kind, number] = next
  db.transaction(
    () => {
      for (const sql of deletions[kind]) if (db.run(sql, number, sliceRows).changes > 0) return
      db.run('delete from garbage where kind = ? and number = ?', kind, number)
    },
    { durable: false },
  )
  return true
}
