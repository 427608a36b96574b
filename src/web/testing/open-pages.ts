import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { afterEach, beforeEach } from 'node:test'
import { createConsent } from '#auth/consent.ts'
import type { Consent } from '#auth/consent.ts'
import type { OAuthClient } from '#auth/oauth-client.ts'
import { createPasswordBook } from '#auth/password-book.ts'
import { clientId, clientSecret, startGoogle } from '#auth/testing/google.ts'
import type { GoogleForTests } from '#auth/testing/google.ts'
import { bookLog, HandClock } from '#auth/testing/hand-clock.ts'
import { memoryStore } from '#auth/testing/memory-store.ts'
import { pressConsentFor } from '#auth/testing/person.ts'
import type { AccountState } from '../house.ts'
import { createWeb } from '../web.ts'
import type { Web } from '../web.ts'
import { Browser } from './browser.ts'

type WebOptions = Parameters<typeof createWeb>[0]

/** Pages that only this machine reaches, with a Google behind them and a browser in front; made anew for each test. */
export class OpenPages {
  readonly google: GoogleForTests
  readonly clock = new HandClock()
  readonly store = memoryStore()
  readonly log = bookLog()
  /** What the house says of its accounts. */
  accounts: AccountState[] = []
  /** Which accounts the house was told of. */
  readonly connected: string[] = []
  /** Which passwords the house was told to be good no more. */
  readonly revoked: string[] = []
  #web: Web | undefined
  #browser: Browser | undefined

  constructor(google: GoogleForTests) {
    this.google = google
  }

  get web(): Web {
    assert.ok(this.#web !== undefined, 'the pages are not open')
    return this.#web
  }

  get browser(): Browser {
    assert.ok(this.#browser !== undefined, 'the pages are not open')
    return this.#browser
  }

  /** Opens them; those that were open before are closed. */
  async open(changes: Partial<WebOptions> = {}): Promise<void> {
    await this.#web?.close()
    const { store, clock, log } = this
    this.#web = createWeb({
      host: '127.0.0.1',
      port: 0,
      consent: this.consentOf({ clientId, clientSecret }),
      passwords: createPasswordBook({
        store,
        clock,
        randomBytes,
        onRevoked: (_address, name) => this.revoked.push(name),
      }),
      clock,
      randomBytes,
      log,
      accounts: () => this.accounts,
      mailServers: () => [{ protocol: 'IMAP', host: '127.0.0.1', port: 1143, security: 'STARTTLS' }],
      readiness: () => ({ ready: true }),
      connected: (address) => {
        this.connected.push(address)
      },
      ...changes,
    })
    this.#browser = new Browser((await this.#web.listen()).url)
  }

  async close(): Promise<void> {
    await this.#web?.close()
    await this.google.close()
  }

  consentOf(client: OAuthClient | undefined): Consent {
    const { google, store, clock, log } = this
    const tokens = { renewed: () => undefined }
    const { endpoints } = google
    return createConsent({ endpoints, client: () => client, store, tokens, clock, randomBytes, log })
  }

  /** Presses Connect and then a button on Google's page; gives the address that Google sends the browser to. */
  async consent(decision: 'allow' | 'deny' = 'allow', fields: Record<string, string> = {}): Promise<string> {
    const begun = await this.browser.submit('/', '/connect', { access: 'modify', ...fields })
    assert.equal(begun.status, 303)
    return pressConsentFor(this.google.base, begun.headers.get('location') ?? '', decision)
  }

  /** Sends what fetch would not; gives the status. */
  raw(options: {
    path?: string
    headers: Record<string, string | string[]>
    method?: string
  }): Promise<number> {
    const { hostname, port } = new URL(this.web.url)
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, setHost: false, ...options }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
      sent.on('error', reject).end()
    })
  }

  /** The token of the forms of a page. */
  async token(page = '/', browser = this.browser): Promise<string> {
    const text = await (await browser.get(page)).text()
    return /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
  }
}

/** Gives the way to the pages of the test that runs. */
export function openPages(): () => OpenPages {
  let pages: OpenPages | undefined
  beforeEach(async () => {
    pages = new OpenPages(await startGoogle())
    await pages.open()
  })
  afterEach(() => pages?.close())
  return () => {
    assert.ok(pages !== undefined, 'no test runs')
    return pages
  }
}

export async function expectPage(response: Response, status: number, pattern: RegExp): Promise<string> {
  const text = await response.text()
  assert.equal(response.status, status, text)
  assert.match(text, pattern)
  return text
}
