import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSeal } from '#auth/seal.ts'
import { FlagBit } from '#mail/flags.ts'
import { messageKey, modSeq, uid } from '#mail/ids.ts'
import type { ModSeq } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'
import type { Store } from './store.ts'
import { newQuietLog } from './testing/quiet-log.ts'
import { allMail, filled, gmailId, inbox, mailboxRow, messageRow } from './testing/rows.ts'
import { exportUids, importUids } from './uid-map.ts'

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const seal = createSeal(Buffer.alloc(32, 1))
  const store = await openSqliteStore({ path: ':memory:', seal, clock: systemClock, log: newQuietLog() })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** As a Postern wrote it that kept no save dates. */
function withoutDates(lines: readonly string[]): string[] {
  return lines.filter((text) => !text.startsWith('{"saved"'))
}

async function exported(store: Store): Promise<string[]> {
  const lines: string[] = []
  for await (const line of exportUids(store)) lines.push(line)
  return lines
}

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

/** An account with two mailboxes, more messages than one batch, keywords, \Deleted, and UIDs that were given and taken. */
async function fill(store: Store): Promise<void> {
  const { id } = await store.addAccount('ada@example.org')
  const account = store.account(id)
  const places = { mailbox: inbox.id, modSeq: modSeq(9) }
  await account.commit({
    sync: { phase: 'live', historyId: 7n, modSeq: modSeq(9), nextKey: messageKey(2501) },
    mailboxes: [
      mailboxRow({ uidNext: uid(2501), uidValidity: 4711 }),
      mailboxRow({ id: allMail.id, labelId: allMail.label, uidNext: uid(5), uidValidity: 4712 }),
    ],
    ...filled(1, 2500),
  })
  await account.commit({
    leave: [1, 2, 3, 7, 2500].map((one) => ({ ...places, uid: uid(one) })),
    saved: [
      { mailbox: inbox.id, uid: uid(8), at: undefined },
      { mailbox: inbox.id, uid: uid(1200), at: 1_700_000_000_000 },
    ],
    deleted: [{ ...places, uid: uid(10), deleted: true }],
    flags: [{ ...messageRow(11), bits: FlagBit.answered, keywords: ['$Later'], modSeq: modSeq(9) }],
    join: [{ mailbox: allMail.id, uid: uid(4), key: messageKey(1), modSeq: modSeq(9) }],
  })
}

describe('the UID map', () => {
  it('that knows nothing of save dates leaves them unknown', async () => {
    await withStore(async (from) => {
      await fill(from)
      const lines = withoutDates(await exported(from))
      await withStore(async (to) => {
        await importUids(to, linesOf(lines))
        const [row] = await to.accounts()
        assert.ok(row)
        assert.deepEqual((await to.account(row.id).saveDates(inbox.id)).uids, [])
      })
    })
  })

  it('carries every UID, UIDVALIDITY, flag, keyword and what vanished to a new store', async () => {
    await withStore(async (from) => {
      await fill(from)
      const lines = await exported(from)
      await withStore(async (to) => {
        const sum = await importUids(to, linesOf(lines))
        assert.deepEqual(sum, { accounts: 1, mailboxes: 2, memberships: 2496 })
        assert.deepEqual(await exported(to), lines)
        const [row] = await to.accounts()
        assert.ok(row)
        const account = to.account(row.id)
        const sync = await account.sync()
        assert.equal(sync.phase, 'expired')
        assert.equal(sync.historyId, undefined)
        assert.ok(sync.uidValidityMark >= 4712)
        assert.deepEqual(await account.vanished(inbox.id, 0 as ModSeq), [1, 2, 3, 7, 2500])
        const message = (await account.messagesById([gmailId(11)])).get(gmailId(11))
        assert.deepEqual([message?.bits, message?.keywords], [FlagBit.answered, ['$Later']])
        assert.equal((await account.count(inbox.id)).deleted, 1)
        const { uids, at } = await account.saveDates(inbox.id)
        assert.deepEqual(
          [uids.slice(1), at.slice(1)],
          [
            [8, 1200],
            [undefined, 1_700_000_000_000],
          ],
        )
        assert.deepEqual(await to.check(), [])
        assert.ok(sync.nextKey > 2496, 'no key is given twice')
      })
    })
  })

  it('is not taken up where mailboxes are already', async () => {
    await withStore(async (store) => {
      await fill(store)
      const lines = await exported(store)
      await assert.rejects(importUids(store, linesOf(lines)), {
        name: 'UidMapError',
        message: /Line 2 .*already/,
      })
    })
  })

  it('says which line cannot be used', async () => {
    const head = '{"format":"postern uid map","version":1}\n'
    const account = '{"account":"ada@example.org","modSeq":1}\n'
    const mailbox =
      '{"mailbox":1,"label":"INBOX","uidValidity":1,"uidNext":5,"highestModSeq":1,"whole":true}\n'
    for (const [lines, message] of [
      [[], /empty/],
      [['{"format":"x"}\n'], /Line 1 .*no UID map/],
      [['{"format":"postern uid map","version":2}\n'], /Line 1 .*newer/],
      [[head, mailbox], /Line 2 .*no account/],
      [[head, account, '[1,"18c0","18c0",0]'], /Line 3 .*no mailbox/],
      [[head, account, mailbox, '[5,"18c0","18c0",0]'], /Line 4 .*not given/],
      [[head, account, mailbox, '[0,"18c0","18c0",0]'], /Line 4/],
      [[head, account, mailbox, '[1,"no id","18c0",0]'], /Line 4/],
      [[head, account, mailbox, '{"vanished":"1:4294967295"}'], /Line 4 .*not given/],
      [[head, account, mailbox, '{"vanished":"x"}'], /Line 4/],
      [[head, account, mailbox, '{'], /Line 4/],
      [[head, account, '{"other":1}'], /Line 3 .*nothing/],
    ] as const)
      await withStore((store) =>
        assert.rejects(importUids(store, linesOf(lines)), { name: 'UidMapError', message }),
      )
  })
})
