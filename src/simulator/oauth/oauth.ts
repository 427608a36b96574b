import type { FastifyInstance } from 'fastify'
import type { Grants } from '../grants.ts'
import { CodeBook } from './code-book.ts'
import { registerConsent } from './consent-routes.ts'
import { GrantBook, type GrantBookState } from './grant-book.ts'
import { registerIdentity } from './identity-routes.ts'
import { refusal } from './refusals.ts'
import { ServiceAccounts, type ServiceAccount } from './service-account.ts'
import { SigningKey } from './signing-key.ts'
import { registerTokens } from './token-routes.ts'

export { refusalKinds } from './refusals.ts'
export type { ServiceAccount } from './service-account.ts'

export interface OAuthOptions {
  hasAccount(address: string): boolean
  /** Addresses a person can choose from on the consent page. */
  accounts(): readonly string[]
  /** Epoch milliseconds by the simulator's clock. */
  now(): number
  randomBytes(n: number): Buffer
  clientId: string
  clientSecret: string
  /** Where the simulator listens, without a slash at the end. Asked for when needed, since the port is known late. */
  baseUrl(): string
  /** A person's name; without it the part of the address before the @. */
  nameOf?(address: string): string
}

export interface OAuth extends Grants {
  /**
   * Makes every refresh, and every assertion of a service account, fail in this way from now on; `undefined` ends that.
   * @throws {RangeError} for a kind that is not in `refusalKinds`.
   */
  refuse(kind: string | undefined): void
  /** Lets a service account with this key speak for the accounts. */
  addServiceAccount(account: ServiceAccount): void
  /** All grants and tokens, as a JSON value. */
  state(): unknown
  /** Takes the place of all grants and tokens. @throws {TypeError} for what `state()` did not make. */
  restore(state: unknown): void
}

/** What the routes share. */
export interface OAuthParts {
  readonly options: OAuthOptions
  readonly grants: GrantBook
  readonly codes: CodeBook
  readonly serviceAccounts: ServiceAccounts
  readonly signingKey: SigningKey
  /** How refreshes are refused at the moment. */
  readonly refusing: { kind: string | undefined }
  nameOf(address: string): string
  /** The account as the simulator spells it, however the caller spelt it. */
  accountOf(address: string): string | undefined
}

/** Google's accounts server: consent page, tokens, identity. Fact sheet section 5. */
export function registerOAuth(app: FastifyInstance, options: OAuthOptions): OAuth {
  const parts: OAuthParts = {
    options,
    grants: new GrantBook(options),
    codes: new CodeBook(options),
    serviceAccounts: new ServiceAccounts(),
    signingKey: new SigningKey(),
    refusing: { kind: undefined },
    nameOf: (address) => options.nameOf?.(address) ?? address.slice(0, Math.max(0, address.lastIndexOf('@'))),
    accountOf(address) {
      const same = address.toLowerCase()
      const listed = options.accounts().find((account) => account.toLowerCase() === same)
      return listed ?? (options.hasAccount(address) ? address : undefined)
    },
  }
  registerConsent(app, parts)
  registerTokens(app, parts)
  registerIdentity(app, parts)
  return {
    verify: (accessToken) => parts.grants.verify(accessToken),
    revokeAll: (address) => parts.grants.revokeAll(address),
    issue(address, scopes) {
      const grant = parts.grants.add(address, options.clientId, scopes, true)
      return { accessToken: parts.grants.accessToken(grant, scopes, true), refreshToken: grant.refreshToken }
    },
    refuse(kind) {
      if (kind !== undefined) refusal(kind)
      parts.refusing.kind = kind
    },
    addServiceAccount: (account) => parts.serviceAccounts.add(account),
    state: () => ({ ...parts.grants.state(), refusing: parts.refusing.kind ?? null }),
    restore(state) {
      const { grants, accessTokens, refusing } = (state ?? {}) as GrantBookState & {
        refusing?: string | null
      }
      if (!Array.isArray(grants) || !Array.isArray(accessTokens)) {
        throw new TypeError('Cannot restore the grants: this is not what state() returned')
      }
      parts.grants.restore({ grants, accessTokens })
      parts.refusing.kind = refusing ?? undefined
    },
  }
}
