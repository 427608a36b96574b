import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { StoreTests } from './store-tests.ts'

/** Subscriptions of names without a mailbox. */
export function subscriptionsContract(name: string, { withAccount }: StoreTests): void {
  describe(`${name}: subscriptions of names without a mailbox`, () => {
    withAccount(
      'they are there after a restart, the last word of them',
      async ({ subscriptions }, opened) => {
        assert.deepEqual(await subscriptions.all(), new Map())
        await subscriptions.replace(new Map([['Gone', true]]))
        const names = new Map([
          ['Päppels/été', true],
          ['Parent', false],
        ])
        await subscriptions.replace(names)
        const store = await opened.reopen()
        const [account] = await store.accounts()
        assert.ok(account)
        assert.deepEqual(await store.account(account.id).subscriptions.all(), names)
        const other = await store.addAccount('bob@example.org')
        assert.deepEqual(await store.account(other.id).subscriptions.all(), new Map())
        await store.removeAccount(account.id)
        assert.deepEqual(await store.account(account.id).subscriptions.all(), new Map())
      },
    )
  })
}
