import { randomUUID, scrypt } from 'node:crypto'
import { constants, copyFile, link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RandomBytes } from '#mail/surroundings.ts'

const keyFileName = 'postern.key'
const shortestPassphrase = 16
/** A key file holds 44 characters; whoever names a film by mistake hears of it before it is read. */
const largestKeyFileBytes = 4096
const storeEndings = ['.db', '.sqlite', '.sqlite3']

/** The key cannot be had. The message names the variable or file and says what to do; it never holds the key. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
}

/**
 * The key of 32 octets under which everything at rest is sealed: `POSTERN_KEY` (base64, hexadecimal or a passphrase),
 * else the file that `POSTERN_KEY_FILE` names, else `postern.key` in the data folder, which is made on the first start.
 * A key file is never overwritten, and never made beside a store: what cannot be opened is not the same as nothing.
 * Throws KeyError.
 */
export async function loadKey(options: {
  env: NodeJS.ProcessEnv
  dataDir: string
  randomBytes: RandomBytes
}): Promise<Buffer> {
  const { env, dataDir, randomBytes } = options
  const given = env['POSTERN_KEY']
  if (given !== undefined && given !== '') return keyFromText(given, 'POSTERN_KEY')
  const named = env['POSTERN_KEY_FILE']
  if (named !== undefined && named !== '') return readNamedFile(named)
  const path = join(dataDir, keyFileName)
  const there = await readKeyFile(path, 0o077)
  if (there !== undefined) return keyFromText(there, path)
  await refuseBesideStore(dataDir, path)
  await makeKeyFile(dataDir, path, randomBytes)
  // What is read back may be another process's: whoever came first has made the key.
  const made = await readKeyFile(path, 0o077)
  if (made === undefined) throw new KeyError(`Cannot read ${path}, which was made a moment ago`)
  return keyFromText(made, path)
}

async function readNamedFile(path: string): Promise<Buffer> {
  // Kubernetes hands secrets to a group: reading by the group is allowed for a file that the operator names.
  const text = await readKeyFile(path, 0o037)
  if (text === undefined)
    throw new KeyError(
      `POSTERN_KEY_FILE names ${path}, which does not exist. Make it with: openssl rand -base64 32 > "${path}"`,
    )
  return keyFromText(text, path)
}

async function readKeyFile(path: string, forbiddenMode: number): Promise<string | undefined> {
  try {
    const { mode, size } = await stat(path)
    if (process.platform !== 'win32' && (mode & forbiddenMode) !== 0)
      throw new KeyError(
        `Others can read the key file ${path} (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 "${path}"`,
      )
    if (size > largestKeyFileBytes) throw new KeyError(`${path} is no key file: it has ${size} octets`)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof KeyError) throw error
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return undefined
    throw new KeyError(`Cannot read the key file ${path} (${code ?? 'unknown error'})`, { cause: error })
  }
}

async function keyFromText(text: string, source: string): Promise<Buffer> {
  const trimmed = text.trim()
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex')
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return Buffer.from(trimmed, 'base64')
  if (trimmed.length < shortestPassphrase)
    throw new KeyError(
      `${source} is too short: it must be 32 octets as base64 or hexadecimal, or a passphrase of at least ` +
        `${shortestPassphrase} characters. Make one with: openssl rand -base64 32`,
    )
  return fromPassphrase(trimmed)
}

/**
 * The salt is fixed: nothing beside the passphrase has to survive, so that a container without a disk opens its database
 * again. 2^17 rounds of 1 kB (128 MB) make guessing slow; it runs once per start.
 */
function fromPassphrase(passphrase: string): Promise<Buffer> {
  const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), 'postern key v1', 32, cost, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}

async function refuseBesideStore(dataDir: string, path: string): Promise<void> {
  const names = await readdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new KeyError(`Cannot list the data folder ${dataDir} (${error.code ?? 'unknown error'})`, {
      cause: error,
    })
  })
  const store = names.find((name) => storeEndings.some((ending) => name.endsWith(ending)))
  if (store !== undefined)
    throw new KeyError(
      `The key file ${path} is missing, but ${join(dataDir, store)} was sealed with it. Put the key file back ` +
        `from a backup, or set POSTERN_KEY or POSTERN_KEY_FILE. To begin anew and lose what is stored, move ${store} away`,
    )
}

/** Written under another name first, then given its own if nothing has it: a kill leaves no half key. */
async function makeKeyFile(dataDir: string, path: string, randomBytes: RandomBytes): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const draft = join(dataDir, `.${keyFileName}.${randomUUID()}`)
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(`${randomBytes(32).toString('base64')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await giveName(draft, path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'EEXIST')
      throw new KeyError(`Cannot make the key file ${path} (${code ?? 'unknown error'})`, { cause: error })
  } finally {
    await rm(draft, { force: true })
  }
}

async function giveName(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path)
  } catch (error) {
    // File systems without hard links (exFAT, some network shares) say so in many ways.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    await copyFile(draft, path, constants.COPYFILE_EXCL)
  }
}
