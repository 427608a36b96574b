import { ConsentError } from '#auth/consent-error.ts'
import type { Connected } from '#auth/consent.ts'
import { PasswordError } from '#auth/password-book.ts'
import type { PasswordEntry, PasswordWish } from '#auth/password-book.ts'
import type { MailServer } from '#web/house.ts'
import { isSameMailbox } from '#auth/same-mailbox.ts'
import type { Tier } from '#auth/scopes.ts'
import type { AccountReport } from './account-book.ts'
import {
  parseSendmailArguments,
  prepareLetter,
  sendLetter,
  sendmailFailure,
  SendmailUsage,
} from '#smtp/sendmail.ts'
import { GrantError } from '#mail/errors.ts'
import { createWitness } from './audit/witness.ts'
import { witnessedOutbox } from './audit/witnessed-doors.ts'
import { witnessedConsent, witnessedPasswords } from './audit/witnessed-office.ts'
import { Complaint } from './complaint.ts'
import type { House } from './house.ts'
import { recentLines } from './logs/recent-lines.ts'

/** A look for what became of a message whose answer was lost takes half a minute. */
const sendWithinMs = 180_000
const grantWithinMs = 30_000

/**
 * What the command line can have done, by the Postern that runs or, when none does, by the command itself. Arguments and
 * results are JSON values. Methods throw Complaint.
 */
export interface Office {
  reports(): Promise<readonly AccountReport[]>
  /** Has Google asked whether the account's grant is good: null when it is, else why not and what to do. */
  checkGrant(email: string): Promise<string | null>
  /** False when there is no such account. */
  removeAccount(email: string): Promise<boolean>
  beginConsent(options: { redirectUri: string; tier: Tier; loginHint?: string | undefined }): Promise<{
    readonly url: string
    readonly browser: string
  }>
  /** `query` is that of the address to which Google sent the browser. */
  finishConsent(query: string, browser: string): Promise<Connected>
  makePassword(
    wish: PasswordWish & { readonly email: string },
  ): Promise<{ readonly name: string; readonly password: string }>
  listPasswords(email: string): Promise<readonly PasswordEntry[]>
  revokePassword(email: string, name: string): Promise<boolean>
  /** Sends what `sendmail` read, as the account of -f, else as the only one. `letter` is base64. */
  sendmail(
    argv: readonly string[],
    letter: string,
  ): Promise<{ readonly exitCode: number; readonly text: string }>
  /** The exposition format of Prometheus; empty where nothing is counted. */
  metrics(): Promise<string>
  /** Where programs and people find the Postern that runs; null when none does. */
  whereabouts(): Promise<Whereabouts | null>
  /** The last lines of the log, oldest first. */
  recentLog(): Promise<readonly string[]>
}

/** Where a Postern that runs is found. */
interface Whereabouts {
  readonly servers: readonly MailServer[]
  /** Of the pages, with a slash at the end; undefined when they are switched off. */
  readonly pageUrl: string | undefined
}

/** The house's own office. */
export function createOffice(
  house: House,
  {
    metrics = async () => '',
    whereabouts = async () => null,
  }: Partial<Pick<Office, 'metrics' | 'whereabouts'>> = {},
): Office {
  const { accounts, audit, store, tokens } = house
  const consent = witnessedConsent(house.consent, audit, 'command line')
  const passwords = witnessedPasswords(house.passwords, audit, 'command line')
  return {
    reports: async () => accounts.reports(),
    metrics,
    whereabouts,
    recentLog: async () => recentLines.lines(),
    async checkGrant(email) {
      const row = (await store.accounts()).find((one) => isSameMailbox(one.address, email))
      if (row === undefined) return 'There is no such account'
      return tokens.verify(row.id, AbortSignal.timeout(grantWithinMs)).then(() => null, grantSentence)
    },
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
    sendmail: (argv, letter) => submit(house, argv, Buffer.from(letter, 'base64')),
  }
}

function grantSentence(error: Error): string {
  return error instanceof GrantError ? error.message : `The grant cannot be checked: ${error.message}`
}

async function submit(
  { accounts, audit, clock }: House,
  argv: readonly string[],
  letter: Buffer,
): Promise<{ exitCode: number; text: string }> {
  try {
    const call = parseSendmailArguments(argv)
    const all = accounts.reports()
    const named = call.from === undefined ? undefined : accounts.find(call.from)?.address
    const address = named ?? (all.length === 1 ? all[0]?.address : undefined)
    if (address === undefined)
      throw new SendmailUsage(
        all.length === 0
          ? 'No account is connected. postern account add connects one'
          : 'There are several accounts: say with -f ADDRESS which one sends',
      )
    const plain = accounts.outboxOf(address)
    const outbox =
      audit === undefined
        ? plain
        : witnessedOutbox(plain, createWitness(audit, { address, by: 'command line' }))
    const prepared = prepareLetter(letter, call, address)
    const { exitCode, text } = await sendLetter(
      prepared,
      { outbox, clock },
      AbortSignal.timeout(sendWithinMs),
    )
    return { exitCode, text }
  } catch (error) {
    return sendmailFailure(error)
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
