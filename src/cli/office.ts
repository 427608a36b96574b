import type { Door } from '#mail/doorman.ts'
import { ConsentError } from '#auth/consent-error.ts'
import type { Connected } from '#auth/consent.ts'
import { PasswordError } from '#auth/password-book.ts'
import type { PasswordEntry } from '#auth/password-book.ts'
import { isSameMailbox } from '#auth/same-mailbox.ts'
import type { Tier } from '#auth/scopes.ts'
import type { AccountReport } from './account-book.ts'
import { Complaint } from './complaint.ts'
import type { House } from './house.ts'

interface PasswordWish {
  readonly email: string
  readonly name?: string | undefined
  readonly doors?: readonly Door[] | undefined
  readonly readOnly?: boolean | undefined
  readonly mailboxes?: readonly string[] | undefined
  /** Epoch milliseconds. */
  readonly expiresAt?: number | undefined
}

/**
 * What the command line can have done, by the Postern that runs or, when none does, by the command itself. Arguments and
 * results are JSON values. Methods throw Complaint.
 */
export interface Office {
  reports(): Promise<readonly AccountReport[]>
  /** False when there is no such account. */
  removeAccount(email: string): Promise<boolean>
  beginConsent(options: { redirectUri: string; tier: Tier; loginHint?: string | undefined }): Promise<{
    readonly url: string
    readonly browser: string
  }>
  /** `query` is that of the address to which Google sent the browser. */
  finishConsent(query: string, browser: string): Promise<Connected>
  makePassword(wish: PasswordWish): Promise<{ readonly name: string; readonly password: string }>
  listPasswords(email: string): Promise<readonly PasswordEntry[]>
  revokePassword(email: string, name: string): Promise<boolean>
}

/** The house's own office. */
export function createOffice(house: House): Office {
  const { accounts, consent, passwords, store } = house
  return {
    reports: async () => accounts.reports(),
    async removeAccount(email) {
      const row = (await store.accounts()).find((one) => isSameMailbox(one.address, email))
      if (row === undefined) return false
      await accounts.remove(row.id)
      return true
    },
    async beginConsent(options) {
      if (consent.missing !== undefined) throw new Complaint(consent.missing)
      const { url, browser } = consent.begin(options)
      return { url, browser }
    },
    finishConsent: (query, browser) =>
      complaining(async () => {
        const connected = await consent.finish({
          query: new URLSearchParams(query),
          browser,
          signal: AbortSignal.timeout(60_000),
        })
        const row = (await store.accounts()).find(({ id }) => id === connected.account)
        if (row !== undefined) await accounts.open(row)
        return connected
      }),
    makePassword: ({ email, ...wish }) => complaining(() => passwords.make(email, wish)),
    listPasswords: (email) => complaining(() => passwords.list(email)),
    revokePassword: (email, name) => complaining(() => passwords.revoke(email, name)),
  }
}

async function complaining<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ConsentError || error instanceof PasswordError)
      throw new Complaint(error.message, { cause: error })
    throw error
  }
}
