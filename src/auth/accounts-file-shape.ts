import { z } from 'zod'
import { isCapability } from './client-password.ts'
import { isAddress } from './identity.ts'
import { mailboxKey } from './same-mailbox.ts'
import { tiers } from './scopes.ts'
import { isSource, mostSources } from './sources.ts'

const mostAccounts = 10_000

/** The file cannot be used. The message names the file and the place in it, never a value that may be secret. */
export class AccountsFileError extends Error {
  override readonly name = 'AccountsFileError'
}

const text = z.string().min(1).max(4096)
const email = z.string().refine(isAddress, 'must be an e-mail address')
const emailOrPattern = z
  .string()
  .refine(
    (value) => isAddress(value) && (!value.includes('*') || /^\*@[^*]+$/.test(value)),
    'must be an e-mail address, or *@ and a domain',
  )
const access = z.enum(tiers).optional()

const passwordShape = z
  .strictObject({
    name: z.string().min(1).max(60),
    password: z.string().min(1).max(1024).optional(),
    passwordFile: text.optional(),
    allow: z
      .array(z.enum(['imap', 'pop3', 'smtp']))
      .min(1)
      .optional(),
    readOnly: z.boolean().optional(),
    noDelete: z.boolean().optional(),
    from: z
      .array(z.string().max(100).refine(isSource, 'must be an address or a network, such as 192.0.2.0/24'))
      .min(1)
      .max(mostSources)
      .optional(),
    mailboxes: z.array(text).min(1).max(1000).optional(),
    hide: z
      .array(z.string().refine(isCapability, 'must be the name of an IMAP capability'))
      .max(100)
      .optional(),
    expires: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
  })
  .refine((one) => (one.password === undefined) !== (one.passwordFile === undefined), {
    message: 'needs either "password" or "passwordFile"',
  })

const authShape = z.union(
  [
    z.strictObject({ refreshToken: text, clientId: text.optional(), clientSecret: text.optional() }),
    z.strictObject({
      serviceAccountKeyFile: text,
      subject: email.optional(),
      access,
    }),
    z.strictObject({ serviceAccount: email, subject: email.optional(), access }),
  ],
  'must be {"refreshToken": …}, {"serviceAccountKeyFile": …, "subject": …} or {"serviceAccount": …, "subject": …}',
)

const fileShape = z.strictObject({
  accounts: z
    .array(
      z.strictObject({
        email: emailOrPattern,
        auth: authShape,
        passwords: z.array(passwordShape).max(200).optional(),
        most: z.int().min(1).max(mostAccounts).optional(),
        idleMinutes: z.number().min(0.01).max(525_600).optional(),
      }),
    )
    .max(mostAccounts),
})

/** The accounts file as it is written, every value in its place and of its kind. */
export type FileShape = z.infer<typeof fileShape>

/** Whether an entry is for all mailboxes of a domain: `*@example.org`. */
export function isPattern(address: string): boolean {
  return address.startsWith('*@')
}

/** What makes sense for one kind of entry only: it would not count, without a word. */
function refuseMisplaced(path: string, accounts: FileShape['accounts']): void {
  for (const [index, account] of accounts.entries()) {
    const refuse = (key: string, why: string) => {
      throw new AccountsFileError(`${path}: accounts[${index}].${key}: ${why}`)
    }
    if (isPattern(account.email)) {
      if ('refreshToken' in account.auth) refuse('auth', 'a pattern needs a service account')
      else if (account.auth.subject !== undefined)
        refuse('auth.subject', 'a pattern speaks for whoever logs in')
      continue
    }
    for (const key of ['most', 'idleMinutes'] as const)
      if (account[key] !== undefined) refuse(key, 'is for patterns, such as *@example.org, alone')
  }
}

/** Throws AccountsFileError. */
export function shaped(path: string, value: unknown): FileShape {
  const read = fileShape.safeParse(value)
  if (read.success) {
    refuseTwins(path, read.data.accounts)
    refuseMisplaced(path, read.data.accounts)
    return read.data
  }
  const faults = read.error.issues.slice(0, 5).map((issue) => `${placeOf(issue.path)}: ${issue.message}`)
  throw new AccountsFileError(`${path}: ${faults.join('; ')}`)
}

function placeOf(keys: readonly PropertyKey[]): string {
  let place = ''
  for (const key of keys) {
    if (typeof key === 'number') place += `[${key}]`
    else place += place === '' ? String(key) : `.${String(key)}`
  }
  return place === '' ? 'the file' : place
}

/** An address or a password's name that is given twice: one of them would not count, without a word. */
function refuseTwins(path: string, accounts: FileShape['accounts']): void {
  const seen = new Set<string>()
  for (const [index, account] of accounts.entries()) {
    const key = mailboxKey(account.email)
    if (seen.has(key))
      throw new AccountsFileError(`${path}: accounts[${index}].email: is in the file already`)
    seen.add(key)
    const names = new Set<string>()
    for (const [at, { name }] of (account.passwords ?? []).entries()) {
      if (names.has(name))
        throw new AccountsFileError(
          `${path}: accounts[${index}].passwords[${at}].name: the account has one of this name already`,
        )
      names.add(name)
    }
  }
}
