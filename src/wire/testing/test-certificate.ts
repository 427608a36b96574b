import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#mail/surroundings.ts'
import { loadCertificate } from '../certificate.ts'
import type { CertificateSource } from '../certificate.ts'
import { KeptLog } from './kept-log.ts'

let made: Promise<CertificateSource> | undefined

/** One certificate for all tests of a file: making one takes longer than a test. */
export function testCertificate(): Promise<CertificateSource> {
  made ??= (async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'postern-door-'))
    process.once('beforeExit', () => void rm(dataDir, { recursive: true, force: true }))
    return loadCertificate({ dataDir, clock: systemClock, log: new KeptLog() })
  })()
  return made
}
