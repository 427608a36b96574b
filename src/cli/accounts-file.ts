import { readAccountsFile } from '#auth/accounts-file.ts'
import { applyAccountsFile } from '#auth/apply-accounts.ts'
import type { OAuthClient } from '#auth/oauth-client.ts'
import type { TokenManager } from '#auth/token-manager.ts'
import { watchFile } from '#auth/watch-file.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Store } from '#store/store.ts'
import type { AccountBook } from './account-book.ts'
import type { AuditLog } from './audit/audit-log.ts'
import type { Entrances } from './entrances.ts'

/**
 * Takes up the accounts file now, and whenever it changes, until the signal is aborted. `stopped` resolves when nobody
 * watches any more. Rejects with AccountsFileError when it cannot be used now; a later fault leaves everything as it was.
 */
export async function keepAccountsFile(
  path: string,
  house: Pick<Entrances, 'chosen' | 'guests'> & {
    store: Store
    tokens: TokenManager
    accounts: AccountBook
    audit: AuditLog | undefined
    client: () => OAuthClient | undefined
    clock: Clock
    log: Log
    signal: AbortSignal
    /** Called before the file is read for the first time. */
    onWatching: (stopped: Promise<void>) => void
  },
): Promise<void> {
  const { store, accounts, audit, client, clock, log, signal } = house
  const apply = async () => {
    const before = new Set((await store.accounts()).map(({ id }) => id))
    const { clientId, clientSecret } = client() ?? {}
    const rows = await applyAccountsFile(await readAccountsFile(path), { ...house, clientId, clientSecret })
    for (const row of rows) {
      const { id: account, address } = row
      if (!before.has(account))
        audit?.record({ action: 'account-connected', account, address, by: 'accounts file', result: 'ok' })
      await accounts.open(row)
    }
  }
  const watching = watchFile({ path, signal, clock, log, onChange: apply }).catch((err: unknown) =>
    log.warn({ err }, 'the accounts file is not watched any more'),
  )
  house.onWatching(watching)
  await apply()
}
