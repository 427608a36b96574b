import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createSeal } from '#auth/seal.ts'
import { createGmail } from '#gmail/client.ts'
import type { Gmail } from '#gmail/gmail.ts'
import type { Submission } from '#mail/outbox.ts'
import { systemClock } from '#mail/surroundings.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import type { SendStore } from '#store/sends.ts'
import { createOutbox } from '../outbox.ts'
import type { AccountOutbox } from '../outbox.ts'

/** What an outbox stands on; a second one can stand on the same. */
export interface PostGround {
  readonly dir: string
  readonly gmailUrl: string
  readonly token: string
}

export interface PostOffice {
  readonly outbox: AccountOutbox
  readonly sends: SendStore
  readonly clock: LeapingClock
  close(): Promise<void>
}

/** Every sleep is over at once, and the time has passed. */
export interface LeapingClock extends Clock {
  leap(ms: number): void
  readonly slept: readonly number[]
}

export function leapingClock(): LeapingClock {
  let ahead = 0
  const slept: number[] = []
  return {
    slept,
    now: () => Date.now() + ahead,
    monotonicMs: () => performance.now() + ahead,
    sleep(ms, signal) {
      signal?.throwIfAborted()
      slept.push(ms)
      ahead += ms
      return new Promise((resolve) => setImmediate(resolve))
    },
    leap(ms) {
      ahead += ms
    },
  }
}

/** An outbox as the program builds it, on a real store and a real Gmail client; `tamper` may change the latter. */
export async function openPostOffice(
  ground: PostGround,
  log: Log,
  tamper: (gmail: Gmail) => Gmail = (gmail) => gmail,
  mayRead: () => boolean = () => true,
): Promise<PostOffice> {
  const seal = createSeal(Buffer.alloc(32, 7))
  const store = await openSqliteStore({ path: join(ground.dir, 'post.db'), seal, clock: systemClock, log })
  const { id } = await store.addAccount('demo@gmail.test')
  const gmail = createGmail({
    apiUrl: ground.gmailUrl,
    tokens: { accessToken: () => Promise.resolve(ground.token), reject() {} },
    quotaPerMinute: 1_000_000,
    clock: systemClock,
    log,
  })
  const { sends, sync } = { sends: store.account(id).sends, sync: () => store.account(id).sync() }
  const clock = leapingClock()
  const outbox = createOutbox({
    address: 'demo@gmail.test',
    sends,
    gmail: tamper(gmail),
    mayRead,
    historyId: async () => (await sync()).historyId,
    clock,
    log,
  })
  return {
    outbox,
    sends,
    clock,
    async close() {
      await outbox.close()
      await store.close()
    },
  }
}

/** A submission as smtp/ makes it. */
export function letter(
  subject: string,
  { to = 'peer@gmail.test', body = 'Hello', nameless = false, messageId = `<${subject}@client.test>` } = {},
): Submission {
  const bytes = Buffer.from(
    `From: demo@gmail.test\r\nTo: ${to}\r\nSubject: ${subject}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n` +
      `${nameless ? '' : `Message-ID: ${messageId}\r\n`}\r\n${body}\r\n`,
  )
  return {
    bytes,
    recipients: [to],
    messageId: nameless ? undefined : messageId,
    digest: createHash('sha256').update(bytes).digest(),
  }
}
