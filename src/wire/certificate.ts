import { constants, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { Clock, Log } from '#mail/surroundings.ts'
import { ownPair } from './own-pair.ts'

interface ServerCertificate {
  readonly context: SecureContext
  /** PEM; the server's own certificate first. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
  /** PEM of this installation's own authority, which people may trust; undefined for the operator's certificate. */
  readonly authority: string | undefined
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
 * A handshake is what costs a server most, and TLS 1.2 lets the client ask for another one at any time (CVE-2011-1473). Nobody
 * who reads mail does. Node counts them only for the sockets of its own servers.
 */
const secureOptions = constants.SSL_OP_NO_RENEGOTIATION
/** An own certificate is renewed so long before it ends. */
const renewMs = 30 * 24 * 60 * 60 * 1000

/**
 * The certificate from two PEM files, or one from this installation's own authority, kept in the data folder and renewed
 * before it ends; `names` are those that it shall bear besides this machine's. Throws CertificateError when files are named
 * that cannot be used.
 */
export async function loadCertificate(options: {
  certFile?: string | undefined
  keyFile?: string | undefined
  dataDir: string
  names?: readonly string[]
  clock: Clock
  log: Log
}): Promise<CertificateSource> {
  const { certFile, keyFile, clock, log } = options
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new CertificateError('Cannot use a certificate without its key: name both files or neither')
  const given = certFile !== undefined && keyFile !== undefined
  const renewed = (): Promise<Files> =>
    given
      ? Promise.resolve({ certFile, keyFile })
      : ownPair(options.dataDir, { clock, ...(options.names === undefined ? {} : { names: options.names }) })
  let files = await renewed()
  let current = await read(files)
  let stamp = await stampOf(files)
  let lookedAt = clock.monotonicMs()

  async function look(): Promise<void> {
    if (!given && current.expiresAt <= clock.now() + renewMs) files = await renewed()
    const now = await stampOf(files)
    if (now === stamp) return
    current = await read(files)
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
  readonly authority?: { readonly certificate: string }
}

async function read({ certFile, keyFile, authority }: Files): Promise<ServerCertificate> {
  const [certificate, key] = await Promise.all([readText(certFile), readText(keyFile)])
  try {
    const first = new X509Certificate(certificate)
    return {
      context: createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2', secureOptions }),
      certificate,
      key,
      authority: authority?.certificate,
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
