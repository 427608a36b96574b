import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '#mail/surroundings.ts'
import { Authority } from './authority.ts'
import { replaceFile } from './replace-file.ts'

const always = ['localhost', '127.0.0.1', '::1']

/** The pair of files in the data folder, and the authority that issued it. */
export interface OwnPair {
  readonly certFile: string
  readonly keyFile: string
  readonly authority: Authority
}

/**
 * A certificate of our own authority with its key; made when it is missing, unreadable, near its end or lacks a name. It
 * names this machine in every way a client may call it, since some clients have no switch to skip the check (mbsync, aerc).
 */
export async function ownPair(
  dataDir: string,
  { clock, names = [] }: { clock: Clock; names?: readonly string[] },
): Promise<OwnPair> {
  const needed = [...new Set([...always, ...names.map((name) => name.toLowerCase()).filter(isName)])]
  const host = hostname().toLowerCase()
  const wished = isName(host) ? [host] : []
  const authority = await Authority.open(dataDir, { clock, needed, wished })
  const all = authority.permitted([...new Set([...needed, ...wished])])
  const certFile = join(dataDir, 'tls-certificate.pem')
  const keyFile = join(dataDir, 'tls-key.pem')
  if (await isGood({ certFile, keyFile, authority }, all, clock.now()))
    return { certFile, keyFile, authority }
  const pair = await authority.issue(all, clock.now())
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  // The key first: a certificate without its key is made anew, a key without its certificate too.
  await replaceFile(keyFile, pair.key, 0o600)
  await replaceFile(certFile, pair.certificate + authority.certificate, 0o644)
  return { certFile, keyFile, authority }
}

/** The addresses that mean all addresses are no names of anybody. */
function isName(name: string): boolean {
  if (isIP(name) !== 0) return name !== '0.0.0.0' && name !== '::'
  return /^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/.test(name)
}

async function isGood(
  { certFile, keyFile, authority }: OwnPair,
  names: readonly string[],
  now: number,
): Promise<boolean> {
  try {
    const [pem, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')])
    const certificate = new X509Certificate(pem)
    // The machine may have stopped between writing one and the other.
    return authority.isGood(certificate, names, now) && certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}
