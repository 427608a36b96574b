import { LRUCache } from 'lru-cache'
import { GrantError, MailError } from '#mail/errors.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { AccountRow, Store } from '#store/store.ts'
import type { FilePattern } from './accounts-file.ts'
import { delegatedGrant, takeGrant } from './apply-accounts.ts'
import { ChosenPasswords } from './chosen-passwords.ts'
import type { PasswordRights } from './chosen-passwords.ts'
import type { Endpoints } from './endpoints.ts'
import { createGoogleHttp } from './google-http.ts'
import { isAddress, mailboxOf } from './identity.ts'
import { mailboxKey } from './same-mailbox.ts'
import { tellsMailbox } from './scopes.ts'
import type { TokenManager } from './token-manager.ts'
import { requestToken } from './token-request.ts'

/** Says of an account that a login made it, by leave of a pattern. */
const guestSecret = 'guest'
/** More would make every login slow, and are more than one machine should serve. */
const mostAccounts = 10_000
/** Google is not asked again for an address that it does not know, however often somebody tries. */
const strangerForMs = 60_000
const rememberedAddresses = 10_000
const askWithinMs = 20_000

/**
 * Accounts that nobody connects one by one: the service account of a pattern, `*@example.org`, speaks for whoever logs in
 * with a password of the pattern, or with a Google token of the mailbox itself.
 */
export interface Guests {
  /** What the accounts file says now. `own` are addresses that have an entry of their own: the pattern is not for them. */
  replace(patterns: readonly FilePattern[], own: readonly string[]): void
  patternOf(address: string): FilePattern | undefined
  /** What a password of the address's pattern permits. */
  rightsOf(address: string, password: string): PasswordRights | undefined
  /**
   * The account of an address that nobody has logged in to before, made once Google vouches for the mailbox and by the
   * address that Google calls it. Undefined when there is no such mailbox. Throws GrantError, MailError and StoreError.
   */
  admit(address: string): Promise<AccountRow | undefined>
  /** Whether a login made this account. Throws StoreError. */
  isGuest(account: AccountId): Promise<boolean>
  /** Gives a guest the grant that its pattern has by now. Throws StoreError. */
  renew(row: AccountRow): Promise<void>
}

export function createGuests(options: {
  store: Pick<Store, 'accounts' | 'addAccount' | 'secret' | 'setSecret'>
  tokens: Pick<TokenManager, 'renewed'>
  endpoints: Endpoints
  clock: Clock
  log: Log
  /** A login has made an account. */
  onMade?: (row: AccountRow) => void
  /** A password of the domain is good no more. */
  onGone?: (domain: string, name: string) => void
}): Guests {
  const { store, endpoints, clock, log, onGone } = options
  const http = createGoogleHttp(endpoints)
  const passwords = new ChosenPasswords<string>(onGone)
  const strangers = new LRUCache<string, number>({ max: rememberedAddresses })
  /** Aliases and other spellings. */
  const canonical = new LRUCache<string, string>({ max: rememberedAddresses })
  const asking = new Map<string, Promise<AccountRow | undefined>>()
  let patterns: ReadonlyMap<string, FilePattern> = new Map()
  let own: ReadonlySet<string> = new Set()

  function patternOf(address: string): FilePattern | undefined {
    const lower = address.trim().toLowerCase()
    if (!isAddress(lower) || own.has(mailboxKey(lower))) return undefined
    return patterns.get(lower.slice(lower.lastIndexOf('@') + 1))
  }

  async function rowOf(address: string): Promise<AccountRow | undefined> {
    return (await store.accounts()).find((row) => mailboxKey(row.address) === mailboxKey(address))
  }

  /** The address of the mailbox as Google spells it; undefined when Google knows none of this address. */
  async function vouchedFor(subject: string, pattern: FilePattern): Promise<string | undefined> {
    const grant = delegatedGrant(pattern.authFor(subject))
    try {
      const { accessToken } = await requestToken(grant, http, endpoints)
      // Who may only send cannot be asked; that Google lets the service account speak for the address must do.
      if (!tellsMailbox(grant.scopes)) return subject
      const signal = AbortSignal.timeout(askWithinMs)
      return (await mailboxOf(accessToken, grant.scopes, { http, endpoints, signal })).toLowerCase()
    } catch (error) {
      const isUnknown =
        (error instanceof GrantError && error.end === 'delegation-denied') ||
        (error instanceof MailError && error.code === 'not-permitted')
      if (!isUnknown) throw error
      log.warn(
        { err: error },
        'no mailbox for a login by pattern, or the service account may not speak for it',
      )
      return undefined
    }
  }

  async function meet(subject: string, pattern: FilePattern): Promise<AccountRow | undefined> {
    const address = await vouchedFor(subject, pattern)
    // An alias may lead to a mailbox that is not the pattern's, or that has an entry of its own.
    if (address === undefined || patternOf(address) !== pattern) {
      strangers.set(subject, clock.monotonicMs() + strangerForMs)
      return undefined
    }
    canonical.set(subject, address)
    const known = await rowOf(address)
    if (known !== undefined) return known
    if ((await store.accounts()).length >= mostAccounts)
      throw new MailError('over-quota', 'This Postern has as many accounts as it can serve')
    const row = await store.addAccount(address)
    await store.setSecret(row.id, guestSecret, Buffer.from('1'))
    await takeGrant(row.id, delegatedGrant(pattern.authFor(address)), options)
    log.info({ account: row.id }, 'account made by its first login')
    options.onMade?.(row)
    return row
  }

  return {
    patternOf,
    replace(given, addresses) {
      own = new Set(addresses.map(mailboxKey))
      patterns = new Map(given.map((one) => [one.domain, one]))
      strangers.clear()
      canonical.clear()
      passwords.replace(new Map(given.map((one) => [one.domain, one.passwords])))
    },
    rightsOf: (address, password) => passwords.find(patternOf(address)?.domain, password),
    async admit(address) {
      const subject = address.trim().toLowerCase()
      const pattern = patternOf(subject)
      if (pattern === undefined || (strangers.get(subject) ?? 0) > clock.monotonicMs()) return undefined
      const known = await rowOf(canonical.get(subject) ?? subject)
      if (known !== undefined) return known
      const meeting = asking.get(subject) ?? meet(subject, pattern).finally(() => asking.delete(subject))
      asking.set(subject, meeting)
      return meeting
    },
    isGuest: async (account) => (await store.secret(account, guestSecret)) !== undefined,
    async renew(row) {
      const pattern = patternOf(row.address)
      if (pattern === undefined || (await store.secret(row.id, guestSecret)) === undefined) return
      await takeGrant(row.id, delegatedGrant(pattern.authFor(row.address)), options)
    },
  }
}
