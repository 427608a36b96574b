import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Config } from '../settings.ts'
import type { Look } from './finding.ts'

const warnDays = 14
const dayMs = 86_400_000

/** The operator's own certificate: readable, fitting its key, valid today and for a while. */
export async function lookAtCertificate({ tlsCert, tlsKey }: Config, look: Look): Promise<void> {
  await look('certificate', async () => {
    if (tlsCert === undefined || tlsKey === undefined)
      return 'Postern issues its own; the page /trust says how to trust it'
    const certificate = parse(await readPem(tlsCert, 'POSTERN_TLS_CERT'), tlsCert)
    if (!certificate.checkPrivateKey(parseKey(await readPem(tlsKey, 'POSTERN_TLS_KEY'), tlsKey)))
      throw new Error(
        `${tlsKey} is not the key of ${tlsCert}. Set POSTERN_TLS_KEY to the one it was made with`,
      )
    const { validFrom, validTo, subject } = certificate
    if (Date.parse(validFrom) > Date.now())
      throw new Error(`${tlsCert} is not valid before ${validFrom}. Is this machine's clock right?`)
    const days = Math.floor((Date.parse(validTo) - Date.now()) / dayMs)
    const remedy = 'Put a new one there; it is taken up without a restart'
    if (days < 0) throw new Error(`${tlsCert} ended on ${validTo}. ${remedy}`)
    if (days < warnDays) throw new Error(`${tlsCert} ends in ${days} days (${validTo}). ${remedy}`)
    return `${subject.replaceAll('\n', ', ')}, until ${validTo}`
  })
}

async function readPem(path: string, variable: string): Promise<Buffer> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${path} cannot be read (${error.code ?? 'unknown error'}). Set ${variable} to a PEM file that Postern may read`,
      { cause: error },
    )
  })
}

function parse(pem: Buffer, path: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw new Error(`${path} is no certificate in PEM. Set POSTERN_TLS_CERT to one`, { cause: error })
  }
}

function parseKey(pem: Buffer, path: string) {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw new Error(`${path} is no private key in PEM without a passphrase. Set POSTERN_TLS_KEY to one`, {
      cause: error,
    })
  }
}
