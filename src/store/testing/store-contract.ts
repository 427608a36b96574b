import { accountStateContract } from './contract/account-state.ts'
import { accountsContract } from './contract/accounts.ts'
import { contentContract } from './contract/content.ts'
import { messagesContract } from './contract/messages.ts'
import { poppedContract } from './contract/popped.ts'
import { reconciliationContract } from './contract/reconciliation.ts'
import { saveDatesContract } from './contract/save-dates.ts'
import { sendsContract } from './contract/sends.ts'
import { subscriptionsContract } from './contract/subscriptions.ts'
import { newStoreTests, type OpenedStore } from './contract/store-tests.ts'

/** What every implementation of Store must do. Each test opens an empty store. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  const tests = newStoreTests(open)
  accountsContract(name, tests)
  accountStateContract(name, tests)
  messagesContract(name, tests)
  contentContract(name, tests)
  saveDatesContract(name, tests)
  poppedContract(name, tests)
  subscriptionsContract(name, tests)
  sendsContract(name, tests)
  reconciliationContract(name, tests)
}
