import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryMailstore } from '#imap/testing/memory-mailstore.ts'
import type { MemoryMailbox, MemoryMailstore } from '#imap/testing/memory-mailstore.ts'
import type { Doorman, Refusal, Rights } from '#mail/doorman.ts'
import { systemClock } from '#mail/surroundings.ts'
import type { Log } from '#mail/surroundings.ts'
import { loadCertificate } from '#wire/certificate.ts'
import { createPop3Server } from '../server.ts'
import type { Pop3Server, Pop3ServerOptions } from '../server.ts'
import { MemoryKeeper } from './memory-keeper.ts'
import { PopClient } from './pop-client.ts'

export const user = 'ada@bridge.test'
export const password = 'abcd efgh ijkl mnop'

/** A whole POP3 server over a mailstore in memory, on free ports of 127.0.0.1. */
export interface PopHouse extends AsyncDisposable {
  readonly pop3: { host: string; port: number }
  readonly pop3s: { host: string; port: number }
  readonly server: Pop3Server
  readonly mailstore: MemoryMailstore
  readonly keeper: MemoryKeeper
  readonly logged: string[]
  /** What the doorman was asked: `password USER`, `bearer USER`. */
  readonly asked: string[]
  /** A client that has read the greeting. */
  client(secure?: boolean): Promise<PopClient>
  /** A client that has logged in. */
  inside(name?: string): Promise<PopClient>
}

/** Opens a house. Every test has its own; close it with `await using`. */
export async function openPopHouse(
  options: {
    mailboxes?: readonly MemoryMailbox[]
    rights?: Partial<Rights>
    refusal?: Refusal
    server?: Partial<Omit<Pop3ServerOptions, 'doorman' | 'certificate' | 'listeners' | 'keeperOf'>>
  } = {},
): Promise<PopHouse> {
  const mailstore = createMemoryMailstore({
    address: user,
    mailboxes: options.mailboxes ?? [{ name: 'INBOX', role: 'inbox', messages: threeMessages }],
  })
  const keeper = new MemoryKeeper()
  const logged: string[] = []
  const asked: string[] = []
  const log = keptLog(logged)
  const admission = {
    address: user,
    passwordName: 'test',
    rights: { readOnly: false, mailboxes: undefined, ...options.rights },
    mailstore,
  }
  const wrong: Refusal = { refused: 'credentials', text: 'The user name or the password is wrong' }
  const doorman: Doorman = {
    async password(name, word) {
      asked.push(`password ${name}`)
      return name === user && word === password ? (options.refusal ?? admission) : wrong
    },
    async bearer(name, token) {
      asked.push(`bearer ${name}`)
      return name === user && token === 'ya29.right' ? (options.refusal ?? admission) : wrong
    },
  }
  const dataDir = await certificateDir()
  const server = createPop3Server({
    doorman,
    keeperOf: () => keeper,
    certificate: await loadCertificate({ dataDir, clock: systemClock, log }),
    clock: systemClock,
    log,
    listeners: { host: '127.0.0.1', pop3Port: 0, pop3sPort: 0 },
    plainLoginAllowed: false,
    ...options.server,
  })
  const { pop3, pop3s } = await server.listen()
  if (pop3 === undefined || pop3s === undefined) throw new Error('A port is missing')
  const house: PopHouse = {
    pop3,
    pop3s,
    server,
    mailstore,
    keeper,
    logged,
    asked,
    client: (secure = false) => PopClient.connect(secure ? pop3s : pop3, secure),
    async inside(name = user) {
      const client = await house.client()
      await client.logIn(name, password)
      return client
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
  return house
}

/** Three small messages. */
export const threeMessages = ['first', 'second', 'third'].map((word) => ({
  bytes: `From: Ben <ben@bridge.test>\r\nTo: ${user}\r\nSubject: The ${word}\r\nMessage-ID: <${word}@bridge.test>\r\n\r\nHello, ${word}.\r\n`,
}))

let dir: Promise<string> | undefined

/** One certificate for all tests of a file: making one takes longer than a test. */
function certificateDir(): Promise<string> {
  dir ??= (async () => {
    const made = await mkdtemp(join(tmpdir(), 'postern-pop3-'))
    process.once('beforeExit', () => void rm(made, { recursive: true, force: true }))
    return made
  })()
  return dir
}

function keptLog(lines: string[]): Log {
  const write = (fields: object, message: string) => {
    const error = (fields as { err?: unknown }).err
    lines.push(`${message} ${JSON.stringify(fields)} ${error instanceof Error ? error.stack : ''}`)
  }
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log }
  return log
}
