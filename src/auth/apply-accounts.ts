import { createHash } from 'node:crypto'
import type { AccountId } from '#mail/ids.ts'
import type { Log } from '#mail/surroundings.ts'
import type { AccountRow, Store } from '#store/store.ts'
import { AccountsFileError } from './accounts-file.ts'
import type { FileAccount, FileAuth } from './accounts-file.ts'
import type { ChosenPasswords } from './chosen-passwords.ts'
import { loadGrant, saveGrant } from './grant.ts'
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
  accounts: readonly FileAccount[],
  house: {
    store: Pick<Store, 'accounts' | 'addAccount' | 'secret' | 'setSecret'>
    tokens: Pick<TokenManager, 'renewed'>
    chosen: ChosenPasswords
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
    const grant = grants[index] as Grant
    const source = createHash('sha256').update(JSON.stringify(grant)).digest()
    const applied = await store.secret(row.id, sourceSecret)
    const hasGrant = (await loadGrant(store, row.id)) !== undefined
    if (hasGrant && applied?.equals(source) === true) continue
    await saveGrant(store, row.id, grant)
    await store.setSecret(row.id, sourceSecret, source)
    tokens.renewed(row.id)
    log.info({ account: row.id, kind: grant.kind }, 'grant taken from the accounts file')
  }
  chosen.replace(passwords)
  return rows
}

function grantOf(
  auth: FileAuth,
  index: number,
  house: { clientId: string | undefined; clientSecret: string | undefined },
): Grant {
  if (auth.kind === 'service-account')
    return {
      kind: 'service-account',
      keyFile: auth.keyFile,
      subject: auth.subject,
      // Sign-in scopes are never among those that an administrator authorises. Fact sheet section 5.5.
      scopes: mailScopesOf(auth.access),
    }
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
