import type { Refusal, Rights } from '#mail/doorman.ts'
import { systemClock } from '#mail/surroundings.ts'
import { KeptLog } from '#wire/testing/kept-log.ts'
import { testCertificate } from '#wire/testing/test-certificate.ts'
import { TestDoorman } from '#wire/testing/test-doorman.ts'
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
  readonly log: KeptLog
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
  const { mailstore, doorman } = openMailbox(options)
  const log = new KeptLog()
  const server = createImapServer({
    doorman,
    certificate: await testCertificate(),
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
    log,
    get logged() {
      return log.lines
    },
    asked: doorman.asked,
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** A mailbox in memory, and who may come in to it. */
export function openMailbox(options: {
  mailboxes?: readonly MemoryMailbox[]
  rights?: Partial<Rights>
  refusal?: Refusal
}): { mailstore: MemoryMailstore; doorman: TestDoorman } {
  const mailboxes = options.mailboxes ?? [{ name: 'INBOX', role: 'inbox', messages: threeMessages }]
  const mailstore = createMemoryMailstore({ address: user, mailboxes })
  const rights = { readOnly: false, mailboxes: undefined, ...options.rights }
  const admission = { address: user, passwordName: 'test', rights, mailstore }
  return { mailstore, doorman: new TestDoorman({ user, password }, options.refusal ?? admission) }
}

/** Three small messages, UIDs 1 to 3. */
export const threeMessages = ['first', 'second', 'third'].map((word) => ({
  bytes: `From: Ben <ben@bridge.test>\r\nTo: ${user}\r\nSubject: The ${word}\r\nMessage-ID: <${word}@bridge.test>\r\n\r\nHello, ${word}.\r\n`,
}))
