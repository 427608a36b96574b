import { test } from 'node:test'
import type { AccountStore, Store } from '../../store.ts'
import { allMail, mailboxRow } from '../rows.ts'

/** A store under test; `reopen` closes it and opens the same data again. */
export interface OpenedStore {
  readonly store: Store
  reopen(): Promise<Store>
  close(): Promise<void>
}

/** Tests that open an empty store each, and close it however they end. */
export interface StoreTests {
  withStore(this: void, title: string, work: (opened: OpenedStore) => Promise<void>): void
  /** A store of one account with INBOX and All Mail. */
  withAccount(
    this: void,
    title: string,
    work: (account: AccountStore, opened: OpenedStore) => Promise<void>,
  ): void
}

export function newStoreTests(open: () => Promise<OpenedStore>): StoreTests {
  function withStore(title: string, work: (opened: OpenedStore) => Promise<void>): void {
    test(title, async () => {
      const opened = await open()
      try {
        await work(opened)
      } finally {
        await opened.close()
      }
    })
  }

  return {
    withStore,
    withAccount(title, work) {
      withStore(title, async (opened) => {
        const { id } = await opened.store.addAccount('ada@example.org')
        const account = opened.store.account(id)
        await account.commit({
          mailboxes: [mailboxRow(), mailboxRow({ id: allMail.id, labelId: allMail.label })],
        })
        await work(account, opened)
      })
    },
  }
}
