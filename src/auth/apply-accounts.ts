import { createHash } from 'node:crypto'
import type { AccountId } from '#mail/ids.ts'
import type { Log } from '#mail/surroundings.ts'
import type { AccountRow, Store } from '#store/store.ts'
import { AccountsFileError } from './accounts-file-shape.ts'
import type { DelegatedAuth, FileAccount, FileAccounts, FileAuth } from './accounts-file.ts'
import type { ChosenPasswords } from './chosen-passwords.ts'
import { loadGrant, saveGrant } from './grant.ts'
import type { Guests } from './guests.ts'
import type { Grant } from './grant.ts'
import { mailboxKey } from './same-mailbox.ts'
import { mailScopesOf } from './scopes.ts'
import type { TokenManager } from './token-manager.ts'

/** Which `auth` of the file the stored grant came from, so that a rotated or newly given grant is not undone by it. */
const sourceSecret = 'grant-source'

/**
 * Brings what the file says into the store: accounts are added, a grant is replaced when the file's `auth` is another one
 * than the last that was applied, the passwords are exactly those of the file. Accounts that left the file stay: removing
 * mail is for people (`postern account remove`). Gives the file's accounts. Throws AccountsFileError and StoreError.
 */
export async function applyAccountsFile(
  { accounts, patterns = [] }: Pick<FileAccounts, 'accounts'> & Partial<FileAccounts>,
  house: {
    store: Pick<Store, 'accounts' | 'addAccount' | 'secret' | 'setSecret'>
    tokens: Pick<TokenManager, 'renewed'>
    chosen: ChosenPasswords
    guests?: Pick<Guests, 'replace'> | undefined
    clientId: string | undefined
    clientSecret: string | undefined
    log: Log
  },
): Promise<readonly AccountRow[]> {
  const { store, tokens, chosen, log } = house
  // Before anything is written: a file that cannot be used changes nothing.
  const grants = accounts.map((account, index) => grantOf(account.auth, index, house))
  const known = new Map((await store.accounts()).map((row) => [mailboxKey(row.address), row]))
  const rows: AccountRow[] = []
  const passwords = new Map<AccountId, FileAccount['passwords']>()
  for (const [index, account] of accounts.entries()) {
    const row = known.get(mailboxKey(account.email)) ?? (await store.addAccount(account.email))
    rows.push(row)
    passwords.set(row.id, account.passwords)
    await takeGrant(row.id, grants[index] as Grant, { store, tokens, log })
  }
  chosen.replace(passwords)
  house.guests?.replace(
    patterns,
    accounts.map((one) => one.email),
  )
  return rows
}

/** Stores a grant of the accounts file, unless it is the last that was taken from there. Throws StoreError. */
export async function takeGrant(
  account: AccountId,
  grant: Grant,
  house: {
    store: Pick<Store, 'secret' | 'setSecret'>
    tokens: Pick<TokenManager, 'renewed'>
    log: Log
  },
): Promise<void> {
  const { store, tokens, log } = house
  const source = createHash('sha256').update(JSON.stringify(grant)).digest()
  const applied = await store.secret(account, sourceSecret)
  const hasGrant = (await loadGrant(store, account)) !== undefined
  if (hasGrant && applied?.equals(source) === true) return
  await saveGrant(store, account, grant)
  await store.setSecret(account, sourceSecret, source)
  tokens.renewed(account)
  log.info({ account, kind: grant.kind }, 'grant taken from the accounts file')
}

/** The grant of a service account. Sign-in scopes are never among those that an administrator authorises (fact sheet section 5.5). */
export function delegatedGrant(auth: DelegatedAuth): Grant {
  const scopes = mailScopesOf(auth.access)
  return auth.kind === 'keyless'
    ? { kind: 'keyless', principal: auth.principal, subject: auth.subject, scopes }
    : { kind: 'service-account', keyFile: auth.keyFile, subject: auth.subject, scopes }
}

function grantOf(
  auth: FileAuth,
  index: number,
  house: { clientId: string | undefined; clientSecret: string | undefined },
): Grant {
  if (auth.kind !== 'refresh-token') return delegatedGrant(auth)
  const clientId = auth.clientId ?? house.clientId
  const clientSecret = auth.clientId === undefined ? house.clientSecret : auth.clientSecret
  if (clientId === undefined)
    throw new AccountsFileError(
      `accounts[${index}].auth.refreshToken: needs the OAuth client it was given to. Set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET`,
    )
  return {
    kind: 'refresh-token',
    refreshToken: auth.refreshToken,
    scopes: [],
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
  }
}
