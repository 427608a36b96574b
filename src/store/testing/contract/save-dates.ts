import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { modSeq, uid } from '#mail/ids.ts'
import { allMail, filled, inbox, mailboxRow } from '../rows.ts'
import type { StoreTests } from './store-tests.ts'

/** When messages came into mailboxes. */
export function saveDatesContract(name: string, { withAccount }: StoreTests): void {
  describe(`${name}: save dates`, () => {
    withAccount(
      'who joins came now, in this mailbox, and still did after a restart',
      async (account, opened) => {
        const before = Date.now() - 1000
        await account.commit(filled(1, 3))
        await account.commit({ saved: [{ mailbox: inbox.id, uid: uid(3), at: 5_000_000 }] })
        await account.commit({ join: filled(1, 1, allMail.id).join ?? [] })
        const dates = await account.saveDates(inbox.id)
        assert.deepEqual(dates.uids, [1, 3])
        const first = dates.of(2) ?? 0
        assert.ok(first > before && first <= Date.now(), `${first}`)
        assert.equal(first % 1000, 0, 'to the second')
        assert.equal(dates.of(3), 5_000_000)
        assert.deepEqual((await account.saveDates(allMail.id)).uids, [1])
        const store = await opened.reopen()
        const [row] = await store.accounts()
        assert.ok(row)
        assert.deepEqual(await store.account(row.id).saveDates(inbox.id), dates)
      },
    )

    withAccount('of who was there at the first listing nobody knows', async (account) => {
      await account.commit({ mailboxes: [mailboxRow({ whole: false })] })
      await account.commit(filled(1, 5))
      assert.equal((await account.saveDates(inbox.id)).of(5), undefined)
      await account.commit({ mailboxes: [mailboxRow({ whole: true })] })
      await account.commit(filled(6, 7))
      const dates = await account.saveDates(inbox.id)
      assert.equal(dates.of(5), undefined)
      assert.notEqual(dates.of(6), undefined)
      assert.equal(dates.of(7), dates.of(6))
    })

    withAccount('a changeset that is said again changes no date', async (account) => {
      await account.commit(filled(1, 2))
      await account.commit({ saved: [{ mailbox: inbox.id, uid: uid(1), at: 1000 }] })
      await account.commit(filled(1, 2))
      const { uids, at } = await account.saveDates(inbox.id)
      assert.deepEqual([uids, at], [[1], [1000]])
    })

    withAccount('what comes in one second is one row', async (account) => {
      const future = Date.now() + 3_600_000
      const soon = future - (future % 1000)
      await account.commit(filled(1, 1))
      await account.commit({ saved: [{ mailbox: inbox.id, uid: uid(1), at: soon }] })
      for (let at = 2; at < 40; at++) await account.commit(filled(at, at))
      const { uids, at } = await account.saveDates(inbox.id)
      const later = at.filter((one) => one !== soon)
      assert.equal(new Set(later).size, later.length, 'each second once')
      assert.ok(uids.length < 40)
    })

    withAccount('they go with their mailbox, and nowhere else', async (account) => {
      await account.commit(filled(1, 2))
      await account.commit({ join: filled(1, 2, allMail.id).join ?? [] })
      await account.commit({
        dropMailboxes: [inbox.id],
        mailboxes: [mailboxRow({ gone: true, highestModSeq: modSeq(2) })],
      })
      assert.deepEqual((await account.saveDates(inbox.id)).uids, [])
      assert.deepEqual((await account.saveDates(allMail.id)).uids, [1])
    })
  })
}
