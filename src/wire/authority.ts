import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '#mail/surroundings.ts'
import { replaceFile } from './replace-file.ts'

const dayMs = 24 * 60 * 60 * 1000
const authorityDays = 3650
/** Apple's programs refuse certificates of servers that are good for longer. */
const serverDays = 825
const renewDays = 30
const fileName = 'authority.json'

const fileShape = z.object({ certificate: z.string(), key: z.string(), names: z.array(z.string()) })

/**
 * The certificate authority of this installation: people trust it once, and every certificate of ours is good from then
 * on. It can vouch for the names of this machine alone, so that whoever steals its key can pretend to be nobody else.
 */
export class Authority {
  /** PEM. */
  readonly certificate: string
  readonly #key: KeyObject
  readonly #names: readonly string[]

  private constructor(file: z.infer<typeof fileShape>) {
    this.certificate = file.certificate
    this.#key = createPrivateKey(file.key)
    this.#names = file.names
  }

  /**
   * The one of the data folder; made when there is none, when it ends before a new certificate would, or when it may not
   * vouch for `needed`. `wished` names are taken up when it is made.
   */
  static async open(
    dataDir: string,
    { clock, needed, wished }: { clock: Clock; needed: readonly string[]; wished: readonly string[] },
  ): Promise<Authority> {
    const path = join(dataDir, fileName)
    const kept = await read(path)
    const endsAt = kept === undefined ? 0 : new X509Certificate(kept.certificate).validToDate.getTime()
    if (
      kept !== undefined &&
      endsAt > clock.now() + serverDays * dayMs &&
      needed.every((name) => kept.names.includes(name))
    )
      return new Authority(kept)
    const made = await make([...new Set([...needed, ...wished])], clock.now())
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await replaceFile(path, JSON.stringify(made), 0o600)
    return new Authority(made)
  }

  /** Names that it may vouch for, of these. */
  permitted(names: readonly string[]): string[] {
    return names.filter((name) => this.#names.includes(name))
  }

  /** A certificate for a server with its key, PEM both. Rejects with RangeError for no name. */
  async issue(names: readonly string[], now: number): Promise<{ certificate: string; key: string }> {
    const [first, ...more] = names
    if (first === undefined) throw new RangeError('Cannot issue a certificate without a name')
    const { issueServer } = await import('./issue.ts')
    return issueServer([first, ...more], {
      authority: this.certificate,
      authorityKey: this.#key,
      notBefore: now - dayMs,
      notAfter: now + (serverDays - 1) * dayMs,
    })
  }

  /** Whether it issued this certificate, and it names all of `names` and need not be renewed yet. */
  isGood(certificate: X509Certificate, names: readonly string[], now: number): boolean {
    const own = new X509Certificate(this.certificate)
    return (
      certificate.checkIssued(own) &&
      certificate.verify(own.publicKey) &&
      certificate.validToDate.getTime() > now + renewDays * dayMs &&
      names.every((name) => bears(certificate, name))
    )
  }
}

/** Whether a client that calls the server so accepts its certificate. */
export function bears(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined
}

async function make(names: readonly string[], now: number): Promise<z.infer<typeof fileShape>> {
  // Loaded here and not at every start: most find their pair on disk.
  const { issueAuthority } = await import('./issue.ts')
  // Two installations must not have the same name, or programs take one for the other.
  const name = `Postern ${randomBytes(4).toString('hex')} (this computer only)`
  const validity = { notBefore: now - dayMs, notAfter: now + authorityDays * dayMs }
  return { ...(await issueAuthority(name, { names, ...validity })), names: [...names] }
}

/** Undefined when there is none, or none that can be used. */
async function read(path: string): Promise<z.infer<typeof fileShape> | undefined> {
  try {
    const file = fileShape.parse(JSON.parse(await readFile(path, 'utf8')))
    return new X509Certificate(file.certificate).checkPrivateKey(createPrivateKey(file.key))
      ? file
      : undefined
  } catch {
    return undefined
  }
}
