import type { Admission, Door, Doorman, Refusal } from '#mail/doorman.ts'
import { GrantError, MailError } from '#mail/errors.ts'
import { accountId } from '#mail/ids.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { withoutDeleting } from '#mail/no-delete.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { AccountRow, ClientPasswordRow, Store } from '#store/store.ts'
import { accessLimits } from './access-limits.ts'
import type { BearerCheck } from './bearer-check.ts'
import type { ChosenPasswords, PasswordRights } from './chosen-passwords.ts'
import { isClientPassword } from './client-password.ts'
import type { Guests } from './guests.ts'
import { isSameMailbox, mailboxKey } from './same-mailbox.ts'
import { permits, tierOf } from './scopes.ts'
import { comesFrom } from './sources.ts'

/** Longer ones are refused without a look: hashing them would be work that anybody can order. */
const longestUser = 320
const longestPassword = 1024
const touchEveryMs = 60_000
const touchedLimit = 10_000

/** An account id that no account has: a stranger's login asks the store as much as a known one's. */
const nobody = accountId(0xffffffff)
/** Well formed, of no password. */
const noHash = `sha256$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** Checks who knocks. Throttling is the doors' own (`wire/`). Never throws for wrong input. */
export function createDoorman(options: {
  store: Pick<Store, 'accounts' | 'clientPasswords' | 'touchClientPassword'>
  mailstoreOf(account: AccountId): Promise<Mailstore> | Mailstore
  /** What the account's grant permits; undefined while that is not known. */
  scopesOf?(account: AccountId): Promise<readonly string[] | undefined>
  /** Where an account is connected again: `open http://…`. */
  reconnectHint?(): string
  /** The passwords of the accounts file. */
  chosen: ChosenPasswords
  /** Accounts that their first login makes. */
  guests?: Pick<Guests, 'patternOf' | 'rightsOf' | 'admit'>
  bearers: BearerCheck
  clock: Clock
  log: Log
}): Doorman {
  const { store, chosen, guests, bearers, clock, log } = options
  const touched = new Map<string, number>()

  async function accountOf(user: string): Promise<AccountRow | undefined> {
    if (user.length > longestUser) return undefined
    const accounts = await store.accounts()
    const key = mailboxKey(user)
    return accounts.find((row) => mailboxKey(row.address) === key)
  }

  async function admit(
    account: AccountRow,
    rights: PasswordRights,
    door: Door,
  ): Promise<Admission | Refusal> {
    if (rights.expiresAt !== undefined && rights.expiresAt <= clock.now())
      return { refused: 'expired', text: 'This password has expired. Make a new one in Postern' }
    if (!rights.doors.includes(door))
      return { refused: 'door', text: `This password is not for ${door.toUpperCase()}` }
    if (door === 'smtp' && rights.readOnly)
      return { refused: 'door', text: 'This password is read-only and cannot send mail' }
    const mailstore = await options.mailstoreOf(account.id)
    const scopes = await options.scopesOf?.(account.id)
    const hint = options.reconnectHint?.() ?? 'run postern account add'
    const { refusal, readOnlyBecause } = accessLimits(scopes, door, hint)
    if (refusal !== undefined) return refusal
    if (mailstore.alert !== undefined) return { refused: 'grant-ended', text: mailstore.alert }
    return {
      account: account.id,
      address: account.address,
      passwordName: rights.name,
      rights: {
        readOnly: rights.readOnly || readOnlyBecause !== undefined,
        ...(rights.readOnly || readOnlyBecause === undefined ? {} : { readOnlyBecause }),
        mailboxes: rights.mailboxes,
        ...(rights.hiddenCapabilities === undefined ? {} : { hiddenCapabilities: rights.hiddenCapabilities }),
        ...(rights.noDelete === true ? { noDelete: true } : {}),
      },
      mailstore: rights.noDelete === true && door === 'imap' ? withoutDeleting(mailstore) : mailstore,
    }
  }

  /** Not more often than the page needs it: a client that logs in for every message must not write for every login. */
  function touch(account: AccountId, name: string, from: string): void {
    const key = `${account} ${name}`
    const now = clock.monotonicMs()
    const last = touched.get(key)
    if (last !== undefined && now - last < touchEveryMs) return
    touched.delete(key)
    touched.set(key, now)
    const oldest = touched.keys().next().value
    if (touched.size > touchedLimit && oldest !== undefined) touched.delete(oldest)
    store.touchClientPassword(account, name, clock.now(), from).catch((err: unknown) => {
      log.warn({ account, err }, 'cannot note the use of a client password')
    })
  }

  return {
    password: (user, password, door, remoteAddress) =>
      withoutThrowing(log, async () => {
        if (password.length > longestPassword) return wrongCredentials
        const account = await accountOf(user)
        const rows = await store.clientPasswords(account?.id ?? nobody)
        const stored = matching(rows, password)
        const rights =
          stored ?? chosen.find(account?.id, password) ?? guests?.rightsOf(account?.address ?? user, password)
        if (rights === undefined) return wrongCredentials
        if (!isFromRightPlace(rights, remoteAddress)) return fromElsewhere
        const host = account ?? (await guests?.admit(user))
        if (host === undefined) return { ...wrongCredentials, reason: 'no-mailbox' }
        const answer = await admit(host, rights, door)
        if (account !== undefined && stored !== undefined && 'mailstore' in answer)
          touch(account.id, stored.name, remoteAddress)
        return answer
      }),

    bearer: (user, token, door) =>
      withoutThrowing(log, async () => {
        // The token first: a stranger's name must not be told by the time it takes.
        const bearer = await bearers.bearerOf(token)
        const account = await accountOf(user)
        const tier = bearer === undefined ? undefined : tierOf(bearer.scopes)
        if (bearer === undefined || tier === undefined) return wrongCredentials
        if (!isSameMailbox(bearer.address, account?.address ?? user)) return wrongCredentials
        const host = account ?? (await guests?.admit(user))
        if (host === undefined || !isSameMailbox(bearer.address, host.address)) return wrongCredentials
        const doors: Door[] = []
        if (permits(bearer.scopes, 'read')) doors.push('imap', 'pop3')
        if (permits(bearer.scopes, 'send')) doors.push('smtp')
        const readOnly = tier === 'read'
        return admit(
          host,
          { name: 'oauth', doors, readOnly, mailboxes: undefined, expiresAt: undefined },
          door,
        )
      }),
  }
}

/** The same words for an unknown user and a wrong password. */
const wrongCredentials: Refusal = { refused: 'credentials', text: 'The user name or the password is wrong' }

/** From elsewhere not even that the password is right may be learnt. */
const fromElsewhere: Refusal = { ...wrongCredentials, reason: 'source' }

function isFromRightPlace({ sources }: PasswordRights, remoteAddress: string): boolean {
  return sources === undefined || comesFrom(sources, remoteAddress)
}

/** Looks at every row, and at one at least. */
function matching(rows: readonly ClientPasswordRow[], password: string): ClientPasswordRow | undefined {
  let found: ClientPasswordRow | undefined
  if (rows.length === 0) isClientPassword(password, noHash)
  for (const row of rows) if (isClientPassword(password, row.hash)) found ??= row
  return found
}

async function withoutThrowing(
  log: Log,
  work: () => Promise<Admission | Refusal>,
): Promise<Admission | Refusal> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof GrantError) return { refused: 'grant-ended', text: error.message }
    log.warn({ err: error }, 'a login could not be checked')
    return {
      refused: 'unavailable',
      text:
        error instanceof MailError
          ? error.message
          : 'The login cannot be checked at the moment. Try again later',
    }
  }
}
