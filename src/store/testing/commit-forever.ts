import { createSeal } from '#auth/seal.ts'
import { accountId } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openPostgresStore } from '../postgres/postgres-store.ts'
import { openSqliteStore } from '../sqlite/sqlite-store.ts'
import { quietLog } from './quiet-log.ts'
import { tenMessages } from './rows.ts'

/**
 * A process to be killed: `node commit-forever.ts PATH`, or for PostgreSQL `node commit-forever.ts URL MARKPATH`. Commit n makes messages 10n-9 to 10n, gives them UIDs in INBOX
 * and says so in the sync state; the number is printed once the commit is acknowledged.
 */
const [, , place = '', markPath] = process.argv
const surroundings = { seal: createSeal(Buffer.alloc(32, 1)), clock: systemClock, log: quietLog }
const store =
  markPath === undefined
    ? await openSqliteStore({ path: place, ...surroundings })
    : await openPostgresStore({ url: place, markPath, ...surroundings, onUnusable() {} })
const account = store.account(accountId(1))
for (let n = (await account.sync()).modSeq + 1; ; n++) {
  await account.commit(tenMessages(n))
  process.stdout.write(`${n}\n`)
}
