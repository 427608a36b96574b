import { createSeal } from '#auth/seal.ts'
import { accountId, messageKey, modSeq, uid } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openSqliteStore } from '../sqlite/sqlite-store.ts'
import { quietLog } from './quiet-log.ts'
import { contentOf, inbox, mailboxRow, messageRow } from './rows.ts'

/**
 * A process to be killed: `node commit-forever.ts PATH`. Commit n makes messages 10n-9 to 10n, gives them UIDs in INBOX
 * and says so in the sync state; the number is printed once the commit is acknowledged.
 */
const store = await openSqliteStore({
  path: process.argv[2] ?? '',
  seal: createSeal(Buffer.alloc(32, 1)),
  clock: systemClock,
  log: quietLog,
})
const account = store.account(accountId(1))
for (let n = (await account.sync()).modSeq + 1; ; n++) {
  const keys = Array.from({ length: 10 }, (_, index) => messageKey(n * 10 - 9 + index))
  await account.commit({
    sync: { phase: 'live', historyId: BigInt(n), modSeq: modSeq(n), nextKey: messageKey(n * 10 + 1) },
    mailboxes: [mailboxRow({ uidNext: uid(n * 10 + 1), highestModSeq: modSeq(n) })],
    newMessages: keys.map((key) => messageRow(key, { modSeq: modSeq(n) })),
    join: keys.map((key) => ({ mailbox: inbox.id, uid: uid(key), key, modSeq: modSeq(n) })),
    content: keys.map((key) => contentOf(key)),
    flags: keys.map((key) => ({ key, bits: 1, keywords: [`k${n}`], modSeq: modSeq(n) })),
  })
  process.stdout.write(`${n}\n`)
}
