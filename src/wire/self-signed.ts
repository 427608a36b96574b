import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import type { Clock } from '#mail/surroundings.ts'

/** Apple's programs refuse certificates that are good for longer. */
const validDays = 825
const dayMs = 24 * 60 * 60 * 1000

/**
 * The files of the self-signed pair in the data folder; made when they are missing, unreadable or expired. It names this
 * machine in every way a client may call it, since some clients have no switch to skip the check (mbsync, aerc).
 */
export async function selfSignedPair(
  dataDir: string,
  clock: Clock,
): Promise<{ certFile: string; keyFile: string }> {
  const certFile = join(dataDir, 'tls-certificate.pem')
  const keyFile = join(dataDir, 'tls-key.pem')
  if (await isGood(certFile, keyFile, clock.now())) return { certFile, keyFile }
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(clock.now() - dayMs),
    notAfterDate: new Date(clock.now() + (validDays - 1) * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names() },
    ],
  })
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  // The key first: a certificate without its key is made anew, a key without its certificate too.
  await replace(keyFile, pair.private, 0o600)
  await replace(certFile, pair.cert, 0o644)
  return { certFile, keyFile }
}

function names() {
  const host = hostname().toLowerCase()
  const isName = /^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/.test(host) && host !== 'localhost'
  return [
    { type: 2 as const, value: 'localhost' },
    ...(isName ? [{ type: 2 as const, value: host }] : []),
    { type: 7 as const, ip: '127.0.0.1' },
    { type: 7 as const, ip: '::1' },
  ]
}

async function isGood(certFile: string, keyFile: string, now: number): Promise<boolean> {
  try {
    const [pem, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')])
    const certificate = new X509Certificate(pem)
    // The machine may have stopped between writing one and the other.
    return certificate.validToDate.getTime() > now && certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

/** Whole or not at all, also when the machine stops in the middle. Modes mean nothing on Windows, and do no harm. */
async function replace(file: string, text: string, mode: number): Promise<void> {
  const fresh = `${file}.new`
  await writeFile(fresh, text, { mode })
  await rename(fresh, file)
}
