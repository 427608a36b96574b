import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { labelId, messageKey, modSeq, uid } from '#mail/ids.ts'
import { inbox, mailboxRow } from '../rows.ts'
import type { StoreTests } from './store-tests.ts'

/** Sync state, labels, mailboxes and listings. */
export function accountStateContract(name: string, { withStore, withAccount }: StoreTests): void {
  describe(`${name}: the account's state`, () => {
    withAccount('sync state, labels, mailboxes and listings survive a reopening', async (account, opened) => {
      assert.equal((await account.sync()).phase, 'unsynced')
      await account.commit({
        sync: {
          phase: 'listing',
          historyId: 18_446_744_073_709_551_615n,
          modSeq: modSeq(7),
          nextKey: messageKey(9),
        },
        labels: [
          { id: labelId('INBOX'), name: 'INBOX', type: 'system', labelListVisibility: undefined },
          { id: labelId('__proto__'), name: 'Ärger/x', type: 'user', labelListVisibility: 'labelShow' },
        ],
        mailboxes: [mailboxRow({ uidNext: uid(4_294_967_295), whole: false, subscribed: false, gone: true })],
        listings: [{ labelId: inbox.label, pageToken: 'token', stage: 'paging', staged: 500 }],
      })
      const [{ id } = assert.fail('no account')] = await opened.store.accounts()
      const again = (await opened.reopen()).account(id)
      const { uidValidityMark, ...sync } = await again.sync()
      assert.deepEqual(sync, {
        phase: 'listing',
        historyId: 18_446_744_073_709_551_615n,
        modSeq: 7,
        nextKey: 9,
      })
      assert.ok(uidValidityMark >= 1000)
      assert.deepEqual(
        (await again.labels()).map(({ name: label }) => label),
        ['INBOX', 'Ärger/x'],
      )
      assert.equal((await again.labels())[1]?.id, '__proto__')
      assert.deepEqual(
        (await again.mailboxes())[0],
        mailboxRow({ uidNext: uid(4_294_967_295), whole: false, subscribed: false, gone: true }),
      )
      assert.deepEqual(await again.listings(), [
        { labelId: 'INBOX', pageToken: 'token', stage: 'paging', staged: 500 },
      ])
      await again.commit({ sync: { historyId: undefined } })
      assert.equal((await again.sync()).historyId, undefined)
      assert.equal((await again.sync()).phase, 'listing')
    })

    withStore('the UIDVALIDITY mark rises with mailboxes and is one for all accounts', async (opened) => {
      const ada = await opened.store.addAccount('ada@example.org')
      const bob = await opened.store.addAccount('bob@example.org')
      await opened.store.account(ada.id).commit({ mailboxes: [mailboxRow({ uidValidity: 5000 })] })
      assert.equal((await opened.store.account(bob.id).sync()).uidValidityMark, 5000)
      await opened.store.removeAccount(ada.id)
      const again = await opened.reopen()
      assert.ok((await again.account(bob.id).sync()).uidValidityMark >= 5000)
    })
  })
}
