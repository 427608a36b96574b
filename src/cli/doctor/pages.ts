import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { adminPasswordFrom, chosenAdminPassword, hasOwnAdminPassword } from '#auth/admin-password.ts'
import { bears } from '#wire/authority.ts'
import { firstPasswordFile } from '../admin.ts'
import { pageAccess } from '../page-access.ts'
import type { Config } from '../settings.ts'
import type { Look } from './finding.ts'

/** Who can reach the pages, and what they are asked for. */
export async function lookAtPages(config: Config, look: Look): Promise<void> {
  if (config.webPort === 'off') return
  const access = pageAccess(config)
  await look('pages', async () => {
    const { isTls, needsSignIn, publicUrl } = access
    if (!needsSignIn) return 'open to this machine alone, without signing in'
    if (isTls && publicUrl !== undefined && config.tlsCert !== undefined)
      await checkName(config.tlsCert, publicUrl)
    const way = isTls
      ? 'TLS'
      : publicUrl === undefined
        ? 'this machine alone'
        : `a proxy, ${publicUrl.origin}`
    return `reached by ${way}; people sign in with ${await passwordOf(config)}`
  })
}

async function passwordOf({ dataDir, adminPassword, adminPasswordFile }: Config): Promise<string> {
  if (adminPassword !== undefined) {
    chosenAdminPassword(adminPassword, 'POSTERN_ADMIN_PASSWORD')
    return 'POSTERN_ADMIN_PASSWORD'
  }
  if (adminPasswordFile !== undefined) {
    await adminPasswordFrom(adminPasswordFile)
    return `the password in ${adminPasswordFile}`
  }
  if (!(await hasOwnAdminPassword(dataDir))) return 'a password that the next start makes and shows'
  const file = join(dataDir, firstPasswordFile)
  const waits = await stat(file).then(
    () => true,
    () => false,
  )
  return waits ? `the password in ${file}` : 'the password that the first start showed'
}

async function checkName(tlsCert: string, { hostname }: URL): Promise<void> {
  const pem = await readFile(tlsCert).catch(() => undefined)
  // What is wrong with the file itself is said under “certificate”.
  if (pem === undefined || !pem.includes('BEGIN CERTIFICATE')) return
  if (!bears(new X509Certificate(pem), hostname.replace(/^\[|\]$/g, '')))
    throw new Error(
      `${tlsCert} does not name ${hostname}, so browsers will refuse it. Put one there that does, or correct POSTERN_WEB_PUBLIC_URL`,
    )
}
