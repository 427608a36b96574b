import type { GrantEnd } from '#mail/errors.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { TokenSource } from '#mail/token-source.ts'
import type { Store } from '#store/store.ts'
import type { Endpoints } from './endpoints.ts'
import { createGoogleHttp } from './google-http.ts'
import { AccountTokens } from './account-tokens.ts'
import { tokenScopes } from './token-scopes.ts'
import type { GrantKind } from './grant.ts'
import type { TokenResult } from './account-tokens.ts'

/** A login is not kept waiting longer for what the grant permits. */
const scopesWithinMs = 5000

/** Access tokens for every account. */
export interface TokenManager {
  /** The account's own source, always the same one. */
  sourceOf(account: AccountId): TokenSource
  /** Asks Google whether the grant is good, whatever token is held. Throws GrantError when it has ended, else MailError. */
  verify(account: AccountId, signal?: AbortSignal): Promise<void>
  /** What sort of grant the account has; undefined before it was read. */
  grantKind(account: AccountId): GrantKind | undefined
  /** What the account's grant is known to permit, without asking Google; undefined while that is not known. Throws StoreError. */
  knownScopes(account: AccountId): Promise<readonly string[] | undefined>
  /** The same, asking Google where need be; undefined when Google gives no answer in time. Throws StoreError. */
  scopesOf(account: AccountId): Promise<readonly string[] | undefined>
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
  /** What a grant permits has become known, or is something else than before. Must not throw. */
  onScopes?: (account: AccountId, scopes: readonly string[]) => void
  /** Google gives no more tokens: told once for each grant. Must not throw. */
  onEnd?: (account: AccountId, end: GrantEnd) => void
}): TokenManager {
  const { endpoints, store, clock, log, pageUrl, onRequest, onScopes, onEnd } = options
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
        askScopes: (accessToken) => tokenScopes(accessToken, http, endpoints),
        onScopes: (scopes) => onScopes?.(account, scopes),
        onEnd: (end) => onEnd?.(account, end),
      })
      accounts.set(account, tokens)
    }
    return tokens
  }

  return {
    sourceOf: of,
    verify: (account, signal) => of(account).verify(signal),
    grantKind: (account) => accounts.get(account)?.kind,
    knownScopes: (account) => of(account).knownScopes(),
    async scopesOf(account) {
      const tokens = of(account)
      const known = await tokens.knownScopes()
      if (known !== undefined) return known
      // With the first token comes what it permits.
      await tokens.accessToken(AbortSignal.timeout(scopesWithinMs)).catch(() => undefined)
      return tokens.knownScopes()
    },
    renewed: (account) => accounts.get(account)?.renewed(),
    forget(account) {
      accounts.get(account)?.renewed()
      accounts.delete(account)
    },
  }
}
