import type { AccountId } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { TokenSource } from '#mail/token-source.ts'
import type { Store } from '#store/store.ts'
import type { Endpoints } from './endpoints.ts'
import { createGoogleHttp } from './google-http.ts'
import { AccountTokens } from './account-tokens.ts'
import type { TokenResult } from './account-tokens.ts'

/** Access tokens for every account. */
export interface TokenManager {
  /** The account's own source, always the same one. */
  sourceOf(account: AccountId): TokenSource
  /** The account's grant in the store is another one now: forgets its token and how the old grant ended. */
  renewed(account: AccountId): void
  /** The account was removed. */
  forget(account: AccountId): void
}

export function createTokenManager(options: {
  endpoints: Endpoints
  store: Pick<Store, 'secret' | 'setSecret'>
  clock: Clock
  log: Log
  /** Where a person connects the account again; becomes part of the sentence that says so. */
  pageUrl?: () => string | undefined
  /** Google was asked for a token. `ended`: somebody must connect the account again. */
  onRequest?: (result: TokenResult) => void
}): TokenManager {
  const { endpoints, store, clock, log, pageUrl, onRequest } = options
  const http = createGoogleHttp(endpoints)
  const accounts = new Map<AccountId, AccountTokens>()

  function of(account: AccountId): AccountTokens {
    let tokens = accounts.get(account)
    if (tokens === undefined) {
      tokens = new AccountTokens({
        account,
        endpoints,
        http,
        store,
        clock,
        log: log.child({ account }),
        pageUrl: pageUrl ?? (() => undefined),
        onRequest: onRequest ?? (() => undefined),
      })
      accounts.set(account, tokens)
    }
    return tokens
  }

  return {
    sourceOf: of,
    renewed: (account) => accounts.get(account)?.renewed(),
    forget(account) {
      accounts.get(account)?.renewed()
      accounts.delete(account)
    },
  }
}
