import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AccountsFileError, isPattern, shaped } from './accounts-file-shape.ts'
import type { FileShape } from './accounts-file-shape.ts'
import type { PasswordRights } from './chosen-passwords.ts'
import { doors } from './client-password.ts'
import type { Tier } from './scopes.ts'

const largestFileBytes = 4 * 1024 * 1024
const largestPasswordFileBytes = 4096
const usualMost = 500
const usualIdleMinutes = 30

/** How an account of the file is connected. */
export type FileAuth =
  | {
      readonly kind: 'refresh-token'
      readonly refreshToken: string
      readonly clientId: string | undefined
      readonly clientSecret: string | undefined
    }
  | {
      readonly kind: 'keyless'
      /** `name@project.iam.gserviceaccount.com`; it has no key here. */
      readonly principal: string
      readonly subject: string
      readonly access: Tier
    }
  | {
      readonly kind: 'service-account'
      /** Absolute. */
      readonly keyFile: string
      readonly subject: string
      readonly access: Tier
    }

type FilePassword = PasswordRights & { readonly password: string }

/** Of a service account that speaks for a person. */
export type DelegatedAuth = Exclude<FileAuth, { readonly kind: 'refresh-token' }>

export interface FileAccount {
  readonly email: string
  readonly auth: FileAuth
  readonly passwords: readonly FilePassword[]
}

/** All mailboxes of a domain, `*@example.org`: each is connected when somebody logs in to it. */
export interface FilePattern {
  /** In small letters. */
  readonly domain: string
  /** Of the mailbox of this address. */
  authFor(subject: string): DelegatedAuth
  /** Each opens every mailbox of the domain. */
  readonly passwords: readonly FilePassword[]
  /** So many of its accounts are at work at once. */
  readonly most: number
  /** An account that nobody was connected to for so long is put to rest. */
  readonly idleMs: number
}

/** What the accounts file says. */
export interface FileAccounts {
  readonly accounts: readonly FileAccount[]
  readonly patterns: readonly FilePattern[]
}

/** Reads the file and the password files it names. Relative paths start at its folder. Throws AccountsFileError. */
export async function readAccountsFile(path: string): Promise<FileAccounts> {
  const folder = dirname(resolve(path))
  const { accounts } = shaped(path, parsed(path, await textOf(path, largestFileBytes, 'The accounts file')))
  const read = await Promise.all(
    accounts.map(async ({ passwords = [], ...account }, index) => ({
      ...account,
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
  return {
    accounts: read
      .filter((one) => !isPattern(one.email))
      .map((one) => ({
        email: one.email,
        auth: authOf(one.auth, one.email, folder),
        passwords: one.passwords,
      })),
    patterns: read
      .filter((one) => isPattern(one.email))
      .map((one) => ({
        domain: one.email.slice(2).toLowerCase(),
        authFor: (subject) => delegatedAuthOf(one.auth as DelegatedShape, subject, folder),
        passwords: one.passwords,
        most: one.most ?? usualMost,
        idleMs: (one.idleMinutes ?? usualIdleMinutes) * 60_000,
      })),
  }
}

type AuthShape = FileShape['accounts'][number]['auth']
type DelegatedShape = Exclude<AuthShape, { refreshToken: string }>

function authOf(auth: AuthShape, address: string, folder: string): FileAuth {
  if (!('refreshToken' in auth)) return delegatedAuthOf(auth, address, folder)
  return {
    kind: 'refresh-token',
    refreshToken: auth.refreshToken,
    clientId: auth.clientId,
    clientSecret: auth.clientSecret,
  }
}

function delegatedAuthOf(auth: DelegatedShape, address: string, folder: string): DelegatedAuth {
  const common = { subject: auth.subject ?? address, access: auth.access ?? 'modify' } as const
  return 'serviceAccount' in auth
    ? { kind: 'keyless', principal: auth.serviceAccount, ...common }
    : { kind: 'service-account', keyFile: resolve(folder, auth.serviceAccountKeyFile), ...common }
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
