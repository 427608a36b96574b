import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { uid } from '#mail/ids.ts'
import { contentOf, filled, inbox, mailboxRow, stagedNewestFirst } from '../rows.ts'
import type { ClientPasswordRow } from '../../store.ts'
import type { StoreTests } from './store-tests.ts'

const clientPassword: ClientPasswordRow = {
  name: 'phone',
  hash: 'scrypt$1',
  doors: ['imap'],
  readOnly: true,
  mailboxes: undefined,
  createdAt: 5,
  expiresAt: undefined,
  usedAt: undefined,
  usedFrom: undefined,
}

/** Accounts, their secrets and their client passwords. */
export function accountsContract(name: string, { withStore }: StoreTests): void {
  describe(`${name}: accounts and secrets`, () => {
    withStore(
      'an account is one, whatever the letter case of its address, and its id is never reused',
      async ({ store }) => {
        const made = await store.addAccount('Ada@Example.org')
        assert.deepEqual(await store.addAccount('ada@example.ORG'), made)
        assert.equal(made.address, 'Ada@Example.org')
        await store.removeAccount(made.id)
        assert.deepEqual(await store.accounts(), [])
        assert.notEqual((await store.addAccount('ada@example.org')).id, made.id)
      },
    )

    withStore(
      'secrets come back whole after a reopening and are apart by account and name',
      async (opened) => {
        const ada = await opened.store.addAccount('ada@example.org')
        const bob = await opened.store.addAccount('bob@example.org')
        await opened.store.setSecret(ada.id, 'grant', Buffer.from([0, 255, 1]))
        await opened.store.setSecret(ada.id, 'grant', Buffer.from([0, 254, 1]))
        await opened.store.setSecret(bob.id, 'grant', Buffer.from('other'))
        const store = await opened.reopen()
        assert.deepEqual(await store.secret(ada.id, 'grant'), Buffer.from([0, 254, 1]))
        assert.equal(await store.secret(ada.id, 'other'), undefined)
        await store.removeSecret(ada.id, 'grant')
        assert.equal(await store.secret(ada.id, 'grant'), undefined)
        assert.deepEqual(await store.secret(bob.id, 'grant'), Buffer.from('other'))
      },
    )

    withStore(
      'client passwords are listed in order, one of each name, and remember their use',
      async (opened) => {
        const { store } = opened
        const { id } = await store.addAccount('ada@example.org')
        const row = {
          ...clientPassword,
          name: '__proto__',
          mailboxes: ['INBOX', 'Ärger'],
          hiddenCapabilities: ['X-GM-EXT-1'],
        }
        await store.addClientPassword(id, row)
        await store.addClientPassword(id, { ...clientPassword, expiresAt: 9 })
        await assert.rejects(store.addClientPassword(id, row), { name: 'StoreError', kind: 'duplicate' })
        await store.touchClientPassword(id, 'phone', 77, '127.0.0.1')
        const again = await opened.reopen()
        assert.deepEqual(await again.clientPasswords(id), [
          row,
          { ...clientPassword, expiresAt: 9, usedAt: 77, usedFrom: '127.0.0.1' },
        ])
        assert.equal(await again.removeClientPassword(id, 'phone'), true)
        assert.equal(await again.removeClientPassword(id, 'phone'), false)
        assert.equal((await again.clientPasswords(id)).length, 1)
      },
    )

    withStore('each change of client passwords is told by the next list', async ({ store }) => {
      const { id } = await store.addAccount('ada@example.org')
      const told = async () => (await store.clientPasswords(id)).map((row) => [row.name, row.usedAt])
      assert.deepEqual(await told(), [])
      await store.addClientPassword(id, clientPassword)
      assert.deepEqual(await told(), [['phone', undefined]])
      await store.touchClientPassword(id, 'phone', 77, '127.0.0.1')
      assert.deepEqual(await told(), [['phone', 77]])
      await store.removeClientPassword(id, 'phone')
      assert.deepEqual(await told(), [])
      await store.addClientPassword(id, clientPassword)
      await told()
      await store.removeAccount(id)
      assert.deepEqual(await told(), [])
    })

    withStore('removing an account leaves the others as they are', async ({ store }) => {
      const ada = await store.addAccount('ada@example.org')
      const bob = await store.addAccount('bob@example.org')
      for (const { id } of [ada, bob]) {
        await store
          .account(id)
          .commit({ mailboxes: [mailboxRow({ uidNext: uid(1201) })], ...filled(1, 1200) })
        await store.account(id).commit({ content: [contentOf(3)], ...stagedNewestFirst(inbox.label, [1, 2]) })
        await store.setSecret(id, 'grant', Buffer.from('x'))
      }
      await store.removeAccount(ada.id)
      assert.deepEqual(await store.accounts(), [bob])
      assert.equal(await store.secret(ada.id, 'grant'), undefined)
      assert.equal((await store.account(bob.id).hydration()).messages, 1200)
      assert.equal((await store.account(bob.id).count(inbox.id)).messages, 1200)
      assert.equal((await store.account(ada.id).hydration()).messages, 0)
      await assert.rejects(store.account(ada.id).commit({ sync: { phase: 'live' } }), { kind: 'no-account' })
      await assert.rejects(store.setSecret(ada.id, 'grant', Buffer.from('x')), { kind: 'no-account' })
      assert.deepEqual(await store.check(), [])
    })
  })
}
