import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import type { PasswordRights } from './chosen-passwords.ts'
import { doors, isCapability } from './client-password.ts'
import { isAddress } from './identity.ts'
import { mailboxKey } from './same-mailbox.ts'
import { tiers } from './scopes.ts'
import type { Tier } from './scopes.ts'
import { isSource, mostSources } from './sources.ts'

const largestFileBytes = 4 * 1024 * 1024
const largestPasswordFileBytes = 4096
const mostAccounts = 10_000

/** The file cannot be used. The message names the file and the place in it, never a value that may be secret. */
export class AccountsFileError extends Error {
  override readonly name = 'AccountsFileError'
}

/** How an account of the file is connected. */
export type FileAuth =
  | {
      readonly kind: 'refresh-token'
      readonly refreshToken: string
      readonly clientId: string | undefined
      readonly clientSecret: string | undefined
    }
  | {
      readonly kind: 'service-account'
      /** Absolute. */
      readonly keyFile: string
      readonly subject: string
      readonly access: Tier
    }

export interface FileAccount {
  readonly email: string
  readonly auth: FileAuth
  readonly passwords: readonly (PasswordRights & { readonly password: string })[]
}

const text = z.string().min(1).max(4096)
const email = z.string().refine(isAddress, 'must be an e-mail address')

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
      access: z.enum(tiers).optional(),
    }),
  ],
  'must be {"refreshToken": …} or {"serviceAccountKeyFile": …, "subject": …}',
)

const fileShape = z.strictObject({
  accounts: z
    .array(z.strictObject({ email, auth: authShape, passwords: z.array(passwordShape).max(200).optional() }))
    .max(mostAccounts),
})

/** Reads the file and the password files it names. Relative paths start at its folder. Throws AccountsFileError. */
export async function readAccountsFile(path: string): Promise<readonly FileAccount[]> {
  const folder = dirname(resolve(path))
  const { accounts } = shaped(path, parsed(path, await textOf(path, largestFileBytes, path)))
  refuseTwins(path, accounts)
  return Promise.all(
    accounts.map(async ({ email: address, auth, passwords = [] }, index) => ({
      email: address,
      auth: authOf(auth, address, folder),
      passwords: await Promise.all(
        passwords.map(async (one, at) => ({
          name: one.name,
          password:
            one.password ??
            (await passwordIn(
              resolve(folder, one.passwordFile as string),
              `${path}: accounts[${index}].passwords[${at}].passwordFile`,
            )),
          doors: one.allow ?? doors,
          readOnly: one.readOnly ?? false,
          mailboxes: one.mailboxes,
          ...(one.noDelete === true ? { noDelete: true } : {}),
          ...(one.from === undefined ? {} : { sources: one.from }),
          ...(one.hide === undefined
            ? {}
            : { hiddenCapabilities: one.hide.map((word) => word.toUpperCase()) }),
          expiresAt: one.expires === undefined ? undefined : Date.parse(one.expires),
        })),
      ),
    })),
  )
}

function authOf(auth: z.infer<typeof authShape>, address: string, folder: string): FileAuth {
  if ('refreshToken' in auth)
    return {
      kind: 'refresh-token',
      refreshToken: auth.refreshToken,
      clientId: auth.clientId,
      clientSecret: auth.clientSecret,
    }
  return {
    kind: 'service-account',
    keyFile: resolve(folder, auth.serviceAccountKeyFile),
    subject: auth.subject ?? address,
    access: auth.access ?? 'modify',
  }
}

async function passwordIn(path: string, place: string): Promise<string> {
  const content = await textOf(path, largestPasswordFileBytes, place)
  // Editors and echo end a file with a line end; it is not meant.
  const password = content.replace(/\r?\n$/, '')
  if (password === '') throw new AccountsFileError(`${place}: ${path} is empty`)
  return password
}

async function textOf(path: string, limitBytes: number, place: string): Promise<string> {
  try {
    if ((await stat(path)).size > limitBytes)
      throw new AccountsFileError(`${place}: ${path} is larger than ${limitBytes} bytes`)
    return (await readFile(path, 'utf8')).replace(/^\ufeff/, '')
  } catch (error) {
    if (error instanceof AccountsFileError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new AccountsFileError(`${place}: ${path} cannot be read (${code ?? 'unknown error'})`, {
      cause: error,
    })
  }
}

function parsed(path: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    // The parser quotes the text around the fault, which may be a token: only the place goes on.
    const place = /line \d+ column \d+/.exec((error as Error).message)?.[0]
    // oxlint-disable-next-line preserve-caught-error -- the cause would carry the quotation into the log
    throw new AccountsFileError(`${path} is not JSON${place === undefined ? '' : ` (${place})`}`)
  }
}

function shaped(path: string, value: unknown): z.infer<typeof fileShape> {
  const read = fileShape.safeParse(value)
  if (read.success) return read.data
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
function refuseTwins(path: string, accounts: z.infer<typeof fileShape>['accounts']): void {
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
