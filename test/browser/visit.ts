import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { ImapFlow } from 'imapflow'
import type { BrowserContext, Page } from 'playwright-core'
import { startPostern } from '../postern.ts'
import type { Ready, Running } from '../postern.ts'
import { openChromium } from './chromium.ts'

/** For what a page has to show, on whatever machine this is. */
const patienceMs = 120_000

/** The mailbox that is connected. */
export const user = 'demo@gmail.test'

/** A person in front of a browser, with a Postern and a simulated Google of their own. */
export class Visit {
  readonly simulator: Running
  readonly bridge: Running
  readonly dir: string
  readonly context: BrowserContext
  readonly page: Page
  readonly #clients: ImapFlow[] = []
  readonly #ending: AsyncDisposableStack

  private constructor(
    parts: Pick<Visit, 'simulator' | 'bridge' | 'dir' | 'context' | 'page'>,
    ending: AsyncDisposableStack,
  ) {
    this.simulator = parts.simulator
    this.bridge = parts.bridge
    this.dir = parts.dir
    this.context = parts.context
    this.page = parts.page
    this.#ending = ending
  }

  /** `settings` come on top of those that point at the simulator. */
  static async begin(settings: Record<string, string> = {}): Promise<Visit> {
    await using begun = new AsyncDisposableStack()
    const dir = await mkdtemp(join(tmpdir(), 'postern-visit-'))
    begun.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }))
    const simulator = await startPostern(['simulator', '--quota', '0'])
    begun.defer(async () => void (await simulator.stop()))
    const { url, clientId, clientSecret } = simulator.ready.simulator
    const bridge = await startPostern(['serve'], {
      POSTERN_DATA_DIR: dir,
      POSTERN_GMAIL_API_URL: url,
      POSTERN_GOOGLE_AUTH_URL: url,
      POSTERN_GOOGLE_TOKEN_URL: url,
      POSTERN_POLL_SECONDS: '1',
      // Nobody waits here for Google's pace.
      POSTERN_QUOTA_PER_MINUTE: '600000',
      GOOGLE_CLIENT_ID: clientId,
      GOOGLE_CLIENT_SECRET: clientSecret,
      ...settings,
    })
    begun.defer(async () => void (await bridge.stop()))
    const browser = await openChromium()
    begun.defer(() => browser.close())
    // Whether certificates are good is asked by Node and curl elsewhere; the browser's list is the system's.
    const viewport = { width: 1100, height: 800 }
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport })
    context.setDefaultTimeout(patienceMs)
    const page = await context.newPage()
    return new Visit({ simulator, bridge, dir, context, page }, begun.move())
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.#ending.disposeAsync()
  }

  /** What the simulator said when it was ready. */
  get google(): Ready {
    return this.simulator.ready
  }

  at(path: string): string {
    return `${this.bridge.ready.web.url}${path}`
  }

  /** The sentence on top of the page. */
  async heading(page = this.page): Promise<string> {
    const text = (await page.getByRole('heading', { level: 1 }).textContent()) ?? ''
    if (text === 'Something went wrong here.') throw new Error(this.bridge.log().slice(-2000))
    return text
  }

  /** Presses Connect on the overview, and waits for Google's page. */
  async askGoogle(): Promise<void> {
    await this.page.goto(this.at('/'))
    await this.page.getByRole('button', { name: 'Connect with Google' }).click()
    await this.atGoogle()
  }

  async atGoogle(): Promise<void> {
    await this.page.waitForURL(`${this.google.simulator.url}/**`)
  }

  /** Answers on Google's page, and waits for the page that it leads back to. */
  async answer(decision: 'Allow' | 'Deny', { account = user } = {}): Promise<void> {
    await this.page.locator(`input[name="account"][value="${account}"]`).check()
    await this.page.getByRole('button', { name: decision }).click()
    await this.page.waitForURL(`${this.bridge.ready.web.url}/**`)
  }

  /** Connects the mailbox; gives the first password. */
  async connect(): Promise<string> {
    await this.askGoogle()
    await this.answer('Allow')
    return this.shownPassword()
  }

  async shownPassword(): Promise<string> {
    return (await this.page.locator('code.password').textContent()) ?? ''
  }

  /** A mail program that trusts the authority of the pages, logged in over IMAP with TLS. */
  async login(pass: string): Promise<ImapFlow> {
    const { host, port } = this.bridge.ready.imaps
    const ca = await (await fetch(this.at('/trust/authority.pem'))).text()
    const flow = new ImapFlow({ host, port, secure: true, tls: { ca }, auth: { user, pass }, logger: false })
    flow.on('error', () => undefined)
    this.#clients.push(flow)
    await flow.connect()
    return flow
  }
}

/** One visit for all tests of a `describe`, which build on each other; gives the way to it. */
export function oneVisit(settings: Record<string, string> = {}): () => Visit {
  let visit: Visit | undefined
  before(async () => {
    visit = await Visit.begin(settings)
  })
  after(() => visit?.end())
  return () => {
    if (visit === undefined) throw new Error('no visit has begun')
    return visit
  }
}
