import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { messageKey, modSeq, uid } from '#mail/ids.ts'
import { filled, inbox, mailboxRow } from '../rows.ts'
import type { StoreTests } from './store-tests.ts'

/** What POP3 sessions are done with. */
export function poppedContract(name: string, { withStore, withAccount }: StoreTests): void {
  describe(`${name}: what POP3 sessions are done with`, () => {
    const keys = Array.from({ length: 1200 }, (_, index) => messageKey(index + 1))

    withAccount('deleted ones count as retrieved, and stay deleted', async (account, opened) => {
      await account.commit({ mailboxes: [mailboxRow({ uidNext: uid(1201) })], ...filled(1, 1200) })
      assert.deepEqual(await account.popped.among(keys, 'retrieved'), new Set())
      await account.popped.add({ retrieved: keys.slice(0, 700), deleted: keys.slice(600, 800) })
      await account.popped.add({ retrieved: keys.slice(790, 810), deleted: [] })
      const store = await opened.reopen()
      const [row] = await store.accounts()
      assert.ok(row)
      const again = store.account(row.id)
      assert.deepEqual(await again.popped.among(keys, 'retrieved'), new Set(keys.slice(0, 810)))
      assert.deepEqual(await again.popped.among(keys, 'deleted'), new Set(keys.slice(600, 800)))
      assert.deepEqual(await again.popped.among(keys.slice(650, 651), 'deleted'), new Set([651]))
    })

    withAccount('a message that is gone is not remembered, and forgotten with its row', async (account) => {
      await account.commit({ mailboxes: [mailboxRow({ uidNext: uid(4) })], ...filled(1, 3) })
      await account.popped.add({ retrieved: keys.slice(0, 5), deleted: keys.slice(1, 2) })
      assert.deepEqual(await account.popped.among(keys, 'retrieved'), new Set([1, 2, 3]))
      await account.commit({
        leave: [{ mailbox: inbox.id, uid: uid(2), modSeq: modSeq(2) }],
        forget: [messageKey(2)],
      })
      assert.deepEqual(await account.popped.among(keys, 'retrieved'), new Set([1, 3]))
    })

    withStore('accounts do not share it', async ({ store }) => {
      const ada = store.account((await store.addAccount('ada@example.org')).id)
      const bob = store.account((await store.addAccount('bob@example.org')).id)
      for (const account of [ada, bob])
        await account.commit({ mailboxes: [mailboxRow({ uidNext: uid(4) })], ...filled(1, 3) })
      await ada.popped.add({ retrieved: keys.slice(0, 3), deleted: [] })
      assert.deepEqual(await bob.popped.among(keys, 'retrieved'), new Set())
    })
  })
}
