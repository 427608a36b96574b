import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasDovecot, startDovecot, type Dovecot } from '#test/dovecot/dovecot.ts'
import { startPostern, withFolder, type Running } from '#test/postern.ts'
import { writeCorpus } from '../corpus.ts'
import type { Options } from '../options.ts'
import { Bridge } from './bridge.ts'
import { mark } from './marks.ts'
import { selected, withLine, type Peer } from './peer.ts'

/** The simulator's own. */
const address = 'demo@gmail.test'
const password = 'a password for the bench'

/** The same mail twice: at the simulated Gmail, and in a Dovecot where one is installed. */
export class Ground {
  readonly messages: number
  readonly dovecot: Peer | undefined
  readonly #dir: string
  readonly #environment: Record<string, string>
  #cached = false

  private constructor(
    given: { dir: string; messages: number; environment: Record<string, string> },
    dovecot: Dovecot | undefined,
  ) {
    this.messages = given.messages
    this.#dir = given.dir
    this.#environment = given.environment
    if (dovecot !== undefined) {
      const { imap, imaps, user, password: secret, pid } = dovecot
      const account = { user, password: secret }
      this.dovecot = {
        name: 'Dovecot',
        imap,
        imaps,
        account,
        pid,
        awayMs: () => Promise.resolve(0),
        calm: () => Promise.resolve(),
      }
    }
  }

  /** Makes it, does the work and clears it away. Options: `--messages`, `--median`. */
  static async with(options: Options, work: (ground: Ground) => Promise<void>): Promise<void> {
    await withFolder(async (dir) => {
      const mail = join(dir, 'mail')
      // Single messages are taken from the first 900, writes from the first 1,000.
      const messages = Math.max(1000, options.number('messages', 10_000))
      const { bytes } = writeCorpus(mail, { count: messages, medianBytes: options.number('median', 22_000) })
      console.log(`${messages} messages, ${(bytes / 1e6).toFixed(0)} MB`)
      await using started = new AsyncDisposableStack()
      const gmail = await startPostern(['simulator', '--quota', '0', '--mail', mail])
      started.defer(async () => void (await gmail.stop()))
      const dovecot = await peer(mail)
      started.defer(async () => dovecot?.stop())
      const ground = new Ground({ dir, messages, environment: surroundings(dir, gmail) }, dovecot)
      if (ground.dovecot !== undefined) await withLine(ground.dovecot, (line) => mark(line, messages))
      await work(ground)
    })
  }

  /** A Postern that has read everything once. */
  async serve(environment: Record<string, string> = {}): Promise<Bridge> {
    const bridge = await Bridge.start(
      this.#dir,
      { user: address, password },
      { ...this.#environment, ...environment },
    )
    try {
      if (!this.#cached) await this.#readAll(bridge.peer)
      this.#cached = true
      return bridge
    } catch (error) {
      await bridge.stop()
      throw error
    }
  }

  async #readAll(ours: Peer): Promise<void> {
    const startedAt = performance.now()
    const line = await selected(ours)
    const { untagged } = await line.ok('FETCH 1:* (RFC822.SIZE)')
    if (untagged < this.messages) throw new Error(`only ${untagged} of ${this.messages} messages are there`)
    await line.ok('FETCH 1:* (BODY.PEEK[])')
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`everything read from the simulated Gmail in ${seconds} s`)
    await mark(line, this.messages)
    line.close()
  }
}

async function peer(mail: string): Promise<Dovecot | undefined> {
  if (hasDovecot()) return await startDovecot({ mail, format: 'mdbox', tls: true, reused: true })
  console.log(
    'No Dovecot 2.3 is installed here (Debian 12: apt-get install dovecot-imapd): only our own figures',
  )
  return undefined
}

/** What every Postern of the bench is told: where Gmail is, and that all these clients may come. */
function surroundings(dir: string, { ready }: Running): Record<string, string> {
  const { simulator } = ready
  const file = join(dir, 'accounts.json')
  writeFileSync(
    file,
    JSON.stringify({
      accounts: [
        {
          email: address,
          auth: { refreshToken: simulator.refreshToken },
          passwords: [{ name: 'bench', password }],
        },
      ],
    }),
  )
  return {
    POSTERN_DATA_DIR: join(dir, 'data'),
    POSTERN_ACCOUNTS_FILE: file,
    POSTERN_GMAIL_API_URL: simulator.url,
    POSTERN_GOOGLE_AUTH_URL: simulator.url,
    POSTERN_GOOGLE_TOKEN_URL: simulator.url,
    POSTERN_QUOTA_PER_MINUTE: '10000000',
    POSTERN_POLL_SECONDS: '3600',
    POSTERN_CACHE_DISK_MB: '4096',
    POSTERN_MAX_CONNECTIONS: '2000',
    POSTERN_MAX_CONNECTIONS_PER_ACCOUNT: '2000',
    POSTERN_MAX_CONNECTIONS_BEFORE_LOGIN: '2000',
    GOOGLE_CLIENT_ID: simulator.clientId,
    GOOGLE_CLIENT_SECRET: simulator.clientSecret,
  }
}
