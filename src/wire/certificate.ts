import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { Clock, Log } from '#mail/surroundings.ts'
import { selfSignedPair } from './self-signed.ts'

interface ServerCertificate {
  readonly context: SecureContext
  /** PEM; the server's own certificate first. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
  readonly selfSigned: boolean
  /** As people compare it: `AB:CD:…`. */
  readonly fingerprint256: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** Where listeners get their certificate from; asked anew for every handshake, so that a renewed one is used at once. */
export interface CertificateSource {
  /** Never rejects: when a changed file cannot be used, the last good one is given. */
  current(): Promise<ServerCertificate>
}

/** The certificate or key cannot be used; the message says which file and why. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

const lookAgainMs = 1_000

/**
 * The certificate from two PEM files, or a self-signed one kept in the data folder, made when there is none or it has
 * expired. Throws CertificateError when files are named that cannot be used.
 */
export async function loadCertificate(options: {
  certFile?: string | undefined
  keyFile?: string | undefined
  dataDir: string
  clock: Clock
  log: Log
}): Promise<CertificateSource> {
  const { certFile, keyFile, clock, log } = options
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new CertificateError('Cannot use a certificate without its key: name both files or neither')
  const given = certFile !== undefined && keyFile !== undefined
  const files = given ? { certFile, keyFile } : await selfSignedPair(options.dataDir, clock)
  let current = await read(files, !given)
  let stamp = await stampOf(files)
  let lookedAt = clock.monotonicMs()

  async function look(): Promise<void> {
    if (!given && current.expiresAt <= clock.now()) await selfSignedPair(options.dataDir, clock)
    const now = await stampOf(files)
    if (now === stamp) return
    current = await read(files, !given)
    stamp = now
    log.info({ expiresAt: new Date(current.expiresAt).toISOString() }, 'a new certificate is in use')
  }

  let looking: Promise<void> | undefined
  return {
    async current() {
      if (clock.monotonicMs() - lookedAt >= lookAgainMs) {
        looking ??= look()
          // Files are renewed one after the other: until both fit together, the old pair serves.
          .catch((err: unknown) =>
            log.warn({ err }, 'the changed certificate cannot be used, the last one is kept'),
          )
          .finally(() => {
            lookedAt = clock.monotonicMs()
            looking = undefined
          })
        await looking
      }
      return current
    },
  }
}

interface Files {
  readonly certFile: string
  readonly keyFile: string
}

async function read({ certFile, keyFile }: Files, selfSigned: boolean): Promise<ServerCertificate> {
  const [certificate, key] = await Promise.all([readText(certFile), readText(keyFile)])
  try {
    const first = new X509Certificate(certificate)
    return {
      context: createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' }),
      certificate,
      key,
      selfSigned,
      fingerprint256: first.fingerprint256,
      expiresAt: first.validToDate.getTime(),
    }
  } catch (error) {
    throw new CertificateError(
      `Cannot use the certificate ${certFile} with the key ${keyFile}: they are not a pair of PEM files`,
      { cause: error },
    )
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new CertificateError(`Cannot read ${file}`, { cause: error })
  }
}

async function stampOf({ certFile, keyFile }: Files): Promise<string> {
  const [certificate, key] = await Promise.all([stat(certFile), stat(keyFile)])
  return `${certificate.mtimeMs} ${certificate.size} ${key.mtimeMs} ${key.size}`
}
