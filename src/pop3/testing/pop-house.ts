import { openMailbox, password, user } from '#imap/testing/house.ts'
import type { MemoryMailbox, MemoryMailstore } from '#imap/testing/memory-mailstore.ts'
import type { Refusal, Rights } from '#mail/doorman.ts'
import { systemClock } from '#mail/surroundings.ts'
import { KeptLog } from '#wire/testing/kept-log.ts'
import { testCertificate } from '#wire/testing/test-certificate.ts'
import { createPop3Server } from '../server.ts'
import type { Pop3Server, Pop3ServerOptions } from '../server.ts'
import { MemoryKeeper } from './memory-keeper.ts'
import { PopClient } from './pop-client.ts'

export { password, threeMessages, user } from '#imap/testing/house.ts'

/** A whole POP3 server over a mailstore in memory, on free ports of 127.0.0.1. */
export interface PopHouse extends AsyncDisposable {
  readonly pop3: { host: string; port: number }
  readonly pop3s: { host: string; port: number }
  readonly server: Pop3Server
  readonly mailstore: MemoryMailstore
  readonly keeper: MemoryKeeper
  readonly log: KeptLog
  /** What was logged, one line each. */
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
  const { mailstore, doorman } = openMailbox(options)
  const keeper = new MemoryKeeper()
  const log = new KeptLog()
  const server = createPop3Server({
    doorman,
    keeperOf: () => keeper,
    certificate: await testCertificate(),
    clock: systemClock,
    log,
    listeners: { host: '127.0.0.1', pop3Port: 0, pop3sPort: 0 },
    plainLoginAllowed: false,
    ...options.server,
  })
  const { pop3, pop3s } = await server.listen()
  if (pop3 === undefined || pop3s === undefined) throw new Error('A port is missing')
  const client = (secure = false) => PopClient.connect(secure ? pop3s : pop3, secure)
  return {
    pop3,
    pop3s,
    server,
    mailstore,
    keeper,
    log,
    get logged() {
      return log.lines
    },
    asked: doorman.asked,
    client,
    async inside(name = user) {
      const inside = await client()
      await inside.logIn(name, password)
      return inside
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}
