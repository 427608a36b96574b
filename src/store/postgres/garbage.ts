import type { Database, Transaction } from './database.ts'

/** Rows deleted in one transaction: others get their turn between two. */
const sliceRows = 2000

/**
 * What is to be forgotten by the ten thousand is first made unreachable in the transaction that says so, then deleted in
 * slices; after a kill the next opening goes on. `box` and `list` come before `account`, whose messages they hold.
 */
type Kind = 'box' | 'list' | 'account'

const keysOfAccount = 'm between $1::bigint * 4294967296 and $1::bigint * 4294967296 + 4294967295'

const deletions: Record<Kind, readonly string[]> = {
  box: ['membership', 'vanished', 'save_date'].map((table) => slice(table, 'box = $1::bigint')),
  list: [slice('staged', 'list = $1::bigint')],
  account: [
    slice('message', keysOfAccount),
    slice('keyword_set', 'account = $1::bigint'),
    slice('account', 'id = $1::bigint'),
  ],
}

function slice(table: string, condition: string): string {
  return `delete from ${table} where ctid = any(array(select ctid from ${table} where ${condition} limit $2))`
}

/** Inside the transaction after which nothing reaches these rows any more. */
export async function discard(tx: Transaction, kind: Kind, number: number): Promise<void> {
  await tx.run('insert into garbage values ($1, $2) on conflict do nothing', kind, number)
}

/** Deletes all that was discarded. */
export async function purge(db: Database): Promise<void> {
  while (await db.transaction(purgeSlice)) {
    // Others had their turn.
  }
}

/** False when nothing is left. */
async function purgeSlice(tx: Transaction): Promise<boolean> {
  const next = await tx.get<[Kind, number]>(
    `select kind, number from garbage order by kind = 'account', kind, number limit 1`,
  )
  if (next === undefined) return false
  const [kind, number] = next
  for (const sql of deletions[kind]) if ((await tx.run(sql, number, sliceRows)) > 0) return true
  await tx.run('delete from garbage where kind = $1 and number = $2', kind, number)
  return true
}
