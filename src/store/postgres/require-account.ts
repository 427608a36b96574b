import { StoreError } from '../store.ts'
import type { Transaction } from './database.ts'

/** Throws StoreError `no-account` when it was removed. */
export async function requireAccount(tx: Transaction, account: number): Promise<void> {
  if ((await tx.get('select 1 from account where id = $1 and not removed', account)) === undefined)
    throw new StoreError('no-account', `Cannot write for account ${account}: it was removed`)
}
