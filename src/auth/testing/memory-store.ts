import { accountId } from '#mail/ids.ts'
import type { AccountId } from '#mail/ids.ts'
import { StoreError } from '#store/store.ts'
import type { AccountRow, ClientPasswordRow, Store } from '#store/store.ts'

/** The part of a Store that this room uses. */
export type AuthStore = Pick<
  Store,
  | 'accounts'
  | 'addAccount'
  | 'removeAccount'
  | 'secret'
  | 'setSecret'
  | 'removeSecret'
  | 'clientPasswords'
  | 'addClientPassword'
  | 'removeClientPassword'
  | 'touchClientPassword'
>

/** In memory, for tests that ask nothing of a disk. `failing` makes every write fail. */
export function memoryStore(): AuthStore & { failing: boolean } {
  const accounts: AccountRow[] = []
  const secrets = new Map<string, Buffer>()
  const passwords = new Map<AccountId, ClientPasswordRow[]>()
  const rowsOf = (account: AccountId) => passwords.get(account) ?? []
  const store = {
    failing: false,
    accounts: async () => [...accounts],
    addAccount: async (address: string) => {
      const same = accounts.find((row) => row.address.toLowerCase() === address.toLowerCase())
      const row = same ?? { id: accountId(accounts.length + 1), address, createdAt: 0 }
      if (same === undefined) accounts.push(row)
      return row
    },
    removeAccount: async (id: AccountId) => {
      accounts.splice(0, accounts.length, ...accounts.filter((row) => row.id !== id))
    },
    secret: async (account: AccountId, name: string) => secrets.get(`${account} ${name}`),
    setSecret: async (account: AccountId, name: string, plain: Uint8Array) => {
      if (store.failing) throw new StoreError('disk', 'The disk is full')
      secrets.set(`${account} ${name}`, Buffer.from(plain))
    },
    removeSecret: async (account: AccountId, name: string) => {
      secrets.delete(`${account} ${name}`)
    },
    clientPasswords: async (account: AccountId) => rowsOf(account),
    addClientPassword: async (account: AccountId, row: ClientPasswordRow) => {
      if (rowsOf(account).some((one) => one.name === row.name))
        throw new StoreError('duplicate', 'There is a password of this name')
      passwords.set(account, [...rowsOf(account), row])
    },
    removeClientPassword: async (account: AccountId, name: string) => {
      const left = rowsOf(account).filter((row) => row.name !== name)
      const removed = left.length < rowsOf(account).length
      passwords.set(account, left)
      return removed
    },
    touchClientPassword: async (account: AccountId, name: string, usedAt: number, usedFrom: string) => {
      if (store.failing) throw new StoreError('disk', 'The disk is full')
      passwords.set(
        account,
        rowsOf(account).map((row) => (row.name === name ? { ...row, usedAt, usedFrom } : row)),
      )
    },
  }
  return store
}
