import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Admission, Doorman, Refusal, Rights } from '#mail/doorman.ts'
import { systemClock } from '#mail/surroundings.ts'
import type { Log } from '#mail/surroundings.ts'
import { loadCertificate } from '#wire/certificate.ts'
import { createImapServer } from '../server.ts'
import type { ImapServer, ImapServerOptions } from '../server.ts'
import { createMemoryMailstore } from './memory-mailstore.ts'
import type { MemoryMailbox, MemoryMailstore } from './memory-mailstore.ts'

export const user = 'ada@bridge.test'
export const password = 'abcd efgh ijkl mnop'

/** A whole IMAP server over a mailstore in memory, on free ports of 127.0.0.1. */
export interface House extends AsyncDisposable {
  readonly host: string
  readonly imapPort: number
  readonly imapsPort: number
  readonly server: ImapServer
  readonly mailstore: MemoryMailstore
  /** What was logged, one line each. */
  readonly logged: string[]
  /** What the doorman was asked: `password USER`, `bearer USER`. */
  readonly asked: string[]
}

/** Opens a house. Every test has its own; close it with `await using`. */
export async function openHouse(
  options: {
    mailboxes?: readonly MemoryMailbox[]
    rights?: Partial<Rights>
    refusal?: Refusal
    server?: Partial<Omit<ImapServerOptions, 'doorman' | 'certificate' | 'listeners'>>
  } = {},
): Promise<House> {
  const mailstore = createMemoryMailstore({
    address: user,
    mailboxes: options.mailboxes ?? [{ name: 'INBOX', role: 'inbox', messages: threeMessages }],
  })
  const dataDir = await certificateDir()
  const logged: string[] = []
  const asked: string[] = []
  const log = keptLog(logged)
  const admission: Admission = {
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
  const certificate = await loadCertificate({ dataDir, clock: systemClock, log })
  const server = createImapServer({
    doorman,
    certificate,
    clock: systemClock,
    log,
    listeners: { host: '127.0.0.1', imapPort: 0, imapsPort: 0 },
    plainLoginAllowed: false,
    ...options.server,
  })
  const { imap, imaps } = await server.listen()
  return {
    host: '127.0.0.1',
    imapPort: imap?.port ?? 0,
    imapsPort: imaps?.port ?? 0,
    server,
    mailstore,
    logged,
    asked,
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** Three small messages, UIDs 1 to 3. */
export const threeMessages = ['first', 'second', 'third'].map((word) => ({
  bytes: `From: Ben <ben@bridge.test>\r\nTo: ${user}\r\nSubject: The ${word}\r\nMessage-ID: <${word}@bridge.test>\r\n\r\nHello, ${word}.\r\n`,
}))

let dir: Promise<string> | undefined

/** One certificate for all tests of a file: making one takes longer than a test. */
function certificateDir(): Promise<string> {
  dir ??= (async () => {
    const made = await mkdtemp(join(tmpdir(), 'postern-imap-'))
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
