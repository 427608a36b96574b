import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { createConsent } from '#auth/consent.ts'
import { createPasswordBook } from '#auth/password-book.ts'
import { clientId, clientSecret, startGoogle } from '#auth/testing/google.ts'
import type { GoogleForTests } from '#auth/testing/google.ts'
import { bookLog, HandClock } from '#auth/testing/hand-clock.ts'
import { memoryStore } from '#auth/testing/memory-store.ts'
import { systemClock } from '#mail/surroundings.ts'
import { LoginThrottle } from '#wire/login-throttle.ts'
import { createWeb } from '../web.ts'
import type { Web } from '../web.ts'

export const adminPassword = 'Zwetschgen-Datschi'

const client = () => ({ clientId, clientSecret })

export interface PagesForTests {
  readonly web: Web
  readonly google: GoogleForTests
  readonly clock: HandClock
  readonly store: ReturnType<typeof memoryStore>
  readonly log: ReturnType<typeof bookLog>
}

/** Pages that ask for the admin password, listening on loopback with a Google behind them; closed after the test. */
export async function startPages(
  t: TestContext,
  changes: Partial<Parameters<typeof createWeb>[0]> = {},
): Promise<PagesForTests> {
  const google = await startGoogle()
  t.after(() => google.close())
  const [clock, store, log] = [new HandClock(), memoryStore(), bookLog()]
  const { endpoints } = google
  const tokens = { renewed: () => undefined }
  const web = createWeb({
    host: '127.0.0.1',
    port: 0,
    consent: createConsent({ endpoints, client, store, tokens, clock, randomBytes, log }),
    passwords: createPasswordBook({ store, clock, randomBytes }),
    clock,
    randomBytes,
    log,
    accounts: () => [],
    mailServers: () => [{ protocol: 'IMAP', host: '127.0.0.1', port: 1143, security: 'STARTTLS' }],
    readiness: () => ({ ready: true }),
    signIn: {
      isRight: async (password) => password === adminPassword,
      throttle: new LoginThrottle(systemClock),
    },
    ...changes,
  })
  t.after(() => web.close())
  await web.listen()
  return { web, google, clock, store, log }
}
