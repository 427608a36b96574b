import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AdminPasswordError,
  adminPasswordFrom,
  chosenAdminPassword,
  ownAdminPassword,
} from '#auth/admin-password.ts'
import type { AdminPassword } from '#auth/admin-password.ts'
import type { Log, RandomBytes } from '#mail/surroundings.ts'
import type { Config } from './settings.ts'

/** Where a password that no terminal could show waits for the operator. */
export const firstPasswordFile = 'first-admin-password'

/**
 * The admin password of the pages: the operator's, or Postern's own. One that is made now is shown on the terminal, and
 * where there is none put into a file of the data folder, which goes when somebody has signed in with it. Throws
 * AdminPasswordError.
 */
export async function openAdminPassword(
  {
    dataDir,
    adminPassword,
    adminPasswordFile,
  }: Pick<Config, 'dataDir' | 'adminPassword' | 'adminPasswordFile'>,
  {
    randomBytes,
    log,
    terminal,
  }: { randomBytes: RandomBytes; log: Log; terminal: NodeJS.WritableStream | undefined },
): Promise<AdminPassword> {
  if (adminPassword !== undefined) return chosenAdminPassword(adminPassword, 'POSTERN_ADMIN_PASSWORD')
  if (adminPasswordFile !== undefined) return adminPasswordFrom(adminPasswordFile)
  const file = join(dataDir, firstPasswordFile)
  const own = await ownAdminPassword(dataDir, {
    randomBytes,
    async tell(made) {
      if (terminal !== undefined) {
        terminal.write(`\nThe pages ask for this admin password, which is shown this once: ${made}\n\n`)
        return
      }
      await writeFirst(file, made)
      log.info({ file }, 'the pages ask for an admin password: it is in this file, until somebody signs in')
    },
  })
  return {
    async isRight(password) {
      const right = await own.isRight(password)
      // It is known now, and need not lie about.
      if (right) await rm(file, { force: true }).catch((err: unknown) => log.warn({ err }, 'a file stays'))
      return right
    },
  }
}

async function writeFirst(file: string, made: string): Promise<void> {
  try {
    await rm(file, { force: true })
    await writeFile(file, `${made}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new AdminPasswordError(
      `The first admin password cannot be written to ${file} (${code ?? 'unknown error'}). Set POSTERN_ADMIN_PASSWORD_FILE, or POSTERN_WEB_PORT=off`,
      { cause: error },
    )
  }
}
