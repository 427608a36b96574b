import { createHash, scrypt, timingSafeEqual } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RandomBytes } from '#mail/surroundings.ts'
import { makeClientPassword } from './client-password.ts'

const fileName = 'admin-password.hash'
const shortestAdminPassword = 12
/** 2^15 rounds of 1 kB: 32 MB and a tenth of a second for each guess. */
const cost = { N: 2 ** 15, r: 8, p: 1 }
const scheme = 'scrypt-15-8-1'

/** What opens the pages where other machines can reach them. */
export interface AdminPassword {
  /** Takes as long for a wrong one as for the right one. */
  isRight(password: string): Promise<boolean>
}

/** The password or the file with its hash cannot be used; the message says what to do, and never holds the password. */
export class AdminPasswordError extends Error {
  override readonly name = 'AdminPasswordError'
}

/** One that the operator chose; `source` names where. Throws AdminPasswordError for one that is too short. */
export function chosenAdminPassword(text: string, source: string): AdminPassword {
  if (text.length < shortestAdminPassword)
    throw new AdminPasswordError(
      `${source}: the admin password must have at least ${shortestAdminPassword} characters. Make one with: openssl rand -base64 18`,
    )
  const expected = digestOf(text)
  // It is in the environment or in a file, in clear: a slow hash of it would protect nothing.
  return { isRight: async (password) => timingSafeEqual(digestOf(password), expected) }
}

/** The same, from the first line of a file. Throws AdminPasswordError. */
export async function adminPasswordFrom(file: string): Promise<AdminPassword> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new AdminPasswordError(
      `POSTERN_ADMIN_PASSWORD_FILE: ${file} cannot be read (${code ?? 'unknown error'})`,
      {
        cause: error,
      },
    )
  }
  return chosenAdminPassword((text.split('\n', 1)[0] ?? '').trim(), `POSTERN_ADMIN_PASSWORD_FILE (${file})`)
}

/**
 * The one of the data folder, which is kept as a hash. When there is none it is made and told to `tell`, the only time that
 * it can be read; it is kept when that has resolved, so that a start that fails in between makes another one. Throws
 * AdminPasswordError.
 */
export async function ownAdminPassword(
  dataDir: string,
  { randomBytes, tell }: { randomBytes: RandomBytes; tell: (made: string) => Promise<void> },
): Promise<AdminPassword> {
  const path = join(dataDir, fileName)
  const hash = (await readHash(path)) ?? (await make(path, randomBytes, tell))
  return { isRight: (password) => isOf(password, hash) }
}

/** Whether one is kept. Throws AdminPasswordError when it cannot be used. */
export async function hasOwnAdminPassword(dataDir: string): Promise<boolean> {
  return (await readHash(join(dataDir, fileName))) !== undefined
}

interface Hash {
  readonly salt: Buffer
  readonly digest: Buffer
}

async function make(
  path: string,
  randomBytes: RandomBytes,
  tell: (made: string) => Promise<void>,
): Promise<Hash> {
  const made = makeClientPassword(randomBytes)
  const salt = randomBytes(16)
  const hash = { salt, digest: await slowDigest(made, salt) }
  await tell(made)
  await writeHash(path, hash)
  return hash
}

async function isOf(password: string, { salt, digest }: Hash): Promise<boolean> {
  return timingSafeEqual(await slowDigest(password, salt), digest)
}

/** Spaces, dashes and letter case do not count, since people type it from paper. */
function slowDigest(password: string, salt: Buffer): Promise<Buffer> {
  const bare = password.replace(/[\s-]/g, '').toLowerCase()
  return new Promise((resolve, reject) => {
    scrypt(bare, salt, 32, { ...cost, maxmem: 2 ** 26 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

async function readHash(path: string): Promise<Hash | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new AdminPasswordError(`${path} cannot be read (${code ?? 'unknown error'})`, { cause: error })
  }
  const [name, salt = '', digest = ''] = text.trim().split('$')
  const hash = { salt: Buffer.from(salt, 'base64url'), digest: Buffer.from(digest, 'base64url') }
  // Never made anew over one that cannot be read: that would let in whoever can spoil the file.
  if (name !== scheme || hash.salt.length !== 16 || hash.digest.length !== 32)
    throw new AdminPasswordError(
      `${path} holds no admin password. Remove it, and the next start makes another one`,
    )
  return hash
}

async function writeHash(path: string, { salt, digest }: Hash): Promise<void> {
  const text = [scheme, salt.toString('base64url'), digest.toString('base64url')].join('$')
  try {
    await writeFile(`${path}.new`, `${text}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new AdminPasswordError(`${path} cannot be written (${code ?? 'unknown error'})`, { cause: error })
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text.normalize('NFC')).digest()
}
