import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createConsent } from '#auth/consent.ts'
import { isClientPassword } from '#auth/client-password.ts'
import type { OAuthClientBook } from '#auth/oauth-client-book.ts'
import type { OAuthClient } from '#auth/oauth-client.ts'
import { createPasswordBook } from '#auth/password-book.ts'
import { clientId, clientSecret, startGoogle } from '#auth/testing/google.ts'
import type { GoogleForTests } from '#auth/testing/google.ts'
import { bookLog, HandClock } from '#auth/testing/hand-clock.ts'
import { memoryStore } from '#auth/testing/memory-store.ts'
import { pressConsentFor } from '#auth/testing/person.ts'
import { guides } from './clients/guides.ts'
import type { AccountState } from './house.ts'
import { Browser } from './testing/browser.ts'
import { createWeb } from './web.ts'
import type { Web } from './web.ts'

let google: GoogleForTests
let clock: HandClock
let store: ReturnType<typeof memoryStore>
let log: ReturnType<typeof bookLog>
let web: Web
let browser: Browser
let accounts: AccountState[]
let connected: string[]

beforeEach(async () => {
  google = await startGoogle()
  clock = new HandClock()
  store = memoryStore()
  log = bookLog()
  accounts = []
  connected = []
  await open({})
})
afterEach(async () => {
  await web.close()
  await google.close()
})

async function open(changes: Partial<Parameters<typeof createWeb>[0]>): Promise<void> {
  const { endpoints } = google
  const tokens = { renewed: () => undefined }
  web = createWeb({
    host: '127.0.0.1',
    port: 0,
    consent: createConsent({
      endpoints,
      client: () => ({ clientId, clientSecret }),
      store,
      tokens,
      clock,
      randomBytes,
      log,
    }),
    passwords: createPasswordBook({ store, clock, randomBytes }),
    clock,
    randomBytes,
    log,
    accounts: () => accounts,
    mailServers: () => [{ protocol: 'IMAP', host: '127.0.0.1', port: 1143, security: 'STARTTLS' }],
    readiness: () => ({ ready: true }),
    connected: (address) => {
      connected.push(address)
    },
    ...changes,
  })
  browser = new Browser((await web.listen()).url)
}

async function reopen(changes: Partial<Parameters<typeof createWeb>[0]>): Promise<void> {
  await web.close()
  await open(changes)
}

/** Presses Connect and then a button on Google's page; gives the address that Google sends the browser to. */
async function consentIn(
  one: Browser,
  decision: 'allow' | 'deny' = 'allow',
  fields: Record<string, string> = {},
) {
  const begun = await one.submit('/', '/connect', { access: 'modify', ...fields })
  assert.equal(begun.status, 303)
  return pressConsentFor(google.base, begun.headers.get('location') ?? '', decision)
}

async function expectPage(response: Response, status: number, pattern: RegExp): Promise<string> {
  const text = await response.text()
  assert.equal(response.status, status, text)
  assert.match(text, pattern)
  return text
}

/** Sends what fetch would not. */
function raw(options: {
  path?: string
  headers: Record<string, string | string[]>
  method?: string
}): Promise<number> {
  const { hostname, port } = new URL(web.url)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, setHost: false, ...options }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject).end()
  })
}

describe('connecting through the page', () => {
  it('shows the first password once, away from the address with the code', async () => {
    const back = await consentIn(browser)
    const callback = await browser.get(back, { fromOtherSite: true })
    assert.equal(callback.status, 303)
    assert.equal(callback.headers.get('location'), '/shown')
    assert.equal(callback.headers.get('referrer-policy'), 'no-referrer')
    const shown = await browser.get('/shown', { fromOtherSite: true })
    const text = await expectPage(shown, 200, /demo@gmail\.test is connected: Read, change and send/)
    assert.match(text, /1143/)
    const password = /[a-z]{4}(?:-[a-z]{4}){3}/.exec(text)?.[0] ?? ''
    const [account] = await store.accounts()
    assert.ok(account !== undefined)
    const [row] = await store.clientPasswords(account.id)
    assert.ok(row !== undefined && isClientPassword(password, row.hash))
    await expectPage(await browser.get('/shown'), 410, /shown already/)
    assert.deepEqual(connected, ['demo@gmail.test'])
    assert.ok(!log.lines.join('\n').includes(password))
    assert.ok(!browser.cookies().some((name) => name.startsWith('postern_flow')), 'the flow’s cookie is gone')
  })

  it('shows the password to nobody else', async () => {
    await browser.get(await consentIn(browser))
    await expectPage(await new Browser(web.url).get('/shown'), 410, /shown already/)
    await expectPage(await browser.get('/shown'), 200, /is connected/)
  })

  it('makes no second password when an account is connected again', async () => {
    await browser.get(await consentIn(browser))
    const again = await browser.get(await consentIn(browser))
    assert.equal(again.headers.get('location'), '/')
    const [account] = await store.accounts()
    assert.equal((await store.clientPasswords(account?.id as never)).length, 1)
  })

  it('gives a sender a password for SMTP alone, and a reader one that is read-only', async () => {
    for (const [access, account] of [
      ['send', 'demo@gmail.test'],
      ['read', 'peer@gmail.test'],
    ] as const) {
      const begun = await browser.submit('/', '/connect', { access })
      const url = begun.headers.get('location') ?? ''
      await browser.get(await pressConsentFor(google.base, url, 'allow', { account }))
    }
    const rights = []
    for (const { id } of await store.accounts())
      for (const { doors, readOnly } of await store.clientPasswords(id)) rights.push({ doors, readOnly })
    assert.deepEqual(rights, [
      { doors: ['smtp'], readOnly: false },
      { doors: ['imap', 'pop3'], readOnly: true },
    ])
  })

  it('says what to do when the person denies, and when the same answer comes twice', async () => {
    const denied = await browser.get(await consentIn(browser, 'deny'))
    await expectPage(denied, 400, /Access was not given\..*press Allow/s)
    const back = await consentIn(browser)
    assert.equal((await browser.get(back)).status, 303)
    await expectPage(await browser.get(back), 400, /finished already/)
    assert.equal(google.tokenRequests.length, 1)
  })

  it('says that another account was chosen than the one to be connected again', async () => {
    await store.addAccount('peer@gmail.test')
    accounts = [
      {
        address: 'peer@gmail.test',
        phase: 'live',
        messages: 3,
        hydrated: 3,
        alert: 'Ended.',
        access: 'read',
      },
    ]
    const begun = await browser.submit('/', '/connect')
    const url = begun.headers.get('location') ?? ''
    assert.equal(new URL(url).searchParams.get('login_hint'), 'peer@gmail.test')
    assert.match(new URL(url).searchParams.get('scope') ?? '', /gmail\.readonly$/)
    const asked = new URL(url)
    asked.searchParams.delete('login_hint')
    const back = await pressConsentFor(google.base, asked.href, 'allow', { account: 'demo@gmail.test' })
    await expectPage(await browser.get(back), 400, /Another Google account was chosen/)
  })

  it('refuses a forged state and another browser’s answer without asking Google', async () => {
    const forged = `/oauth/callback?code=stolen&state=${randomBytes(32).toString('base64url')}`
    await expectPage(await browser.get(forged), 400, /not known here/)
    const back = await consentIn(browser)
    await expectPage(await new Browser(web.url).get(back), 400, /begun in another browser/)
    assert.equal(google.tokenRequests.length, 0)
    assert.deepEqual(await store.accounts(), [])
  })

  it('keeps two tabs apart', async () => {
    const first = await consentIn(browser)
    const second = await consentIn(browser)
    assert.equal((await browser.get(first)).status, 303)
    assert.equal((await browser.get(second)).status, 303)
  })

  it('takes the last address by hand from a browser on another machine', async () => {
    const back = await consentIn(browser)
    const wrong = await browser.submit('/', '/connect/finish', {
      address: 'http://127.0.0.1/elsewhere?code=1',
    })
    await expectPage(wrong, 400, /not the address/)
    const finished = await browser.submit('/', '/connect/finish', { address: ` ${back} ` })
    assert.equal(finished.headers.get('location'), '/shown')
  })

  it('never says what Google or a stranger wrote', async () => {
    const begun = await browser.submit('/', '/connect', { access: 'modify' })
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? ''
    const query = new URLSearchParams({ state, error: '<b>sesame</b>', error_description: 'sesame' })
    const text = await (await browser.get(`/oauth/callback?${query.toString()}`)).text()
    assert.doesNotMatch(text, /sesame/)
  })

  it('says what is missing without an OAuth client', async () => {
    const consent = createConsent({
      endpoints: google.endpoints,
      client: () => undefined,
      store,
      tokens: { renewed: () => undefined },
      clock,
      randomBytes,
      log,
    })
    await reopen({ consent })
    await expectPage(await browser.get('/'), 200, /no OAuth client of Google yet.*href="\/google"/s)
  })
})

describe('client passwords on the page', () => {
  beforeEach(async () => {
    await store.addAccount('demo@gmail.test')
  })

  const page = '/passwords?account=demo%40gmail.test'

  it('are made with rights, shown once, listed and revoked', async () => {
    const made = await browser.submit(page, '/passwords', {
      name: '<i>phone</i>',
      allow: 'imap',
      readOnly: 'yes',
      mailboxes: 'INBOX\r\n Work \r\n',
      days: '7',
    })
    assert.equal(made.status, 303)
    await expectPage(await browser.get('/shown'), 200, /“&lt;i&gt;phone&lt;\/i&gt;”/)
    const [account] = await store.accounts()
    const rows = () => store.clientPasswords(account?.id as never)
    const [row] = await rows()
    assert.deepEqual(row?.doors, ['imap'])
    assert.deepEqual(row?.mailboxes, ['INBOX', 'Work'])
    assert.equal(row?.readOnly, true)
    assert.equal(row?.expiresAt, clock.now() + 7 * 24 * 3600_000)
    const text = await expectPage(await browser.get(page), 200, /read only; only INBOX, Work; until/)
    assert.doesNotMatch(text, /<i>/)
    assert.ok(!text.includes(row?.hash ?? ''))
    const revoked = await browser.submit(page, '/passwords/revoke')
    assert.equal(revoked.headers.get('location'), page)
    assert.deepEqual(await rows(), [])
  })

  it('say what is wrong with the form', async () => {
    await expectPage(await browser.submit(page, '/passwords', { name: 'x' }), 400, /at least one of imap/)
    await browser.submit(page, '/passwords', { name: 'x', allow: 'imap' })
    const twice = await browser.submit(page, '/passwords', { name: 'x', allow: 'imap' })
    await expectPage(twice, 400, /of this name already/)
    await expectPage(await browser.get('/passwords?account=nobody'), 404, /no such account/)
  })
})

describe('the defence of the pages', () => {
  it('refuses a Host that is not ours on every path, before routing', async () => {
    for (const path of ['/', '/healthz', '/oauth/callback?code=1&state=2', '/none', '/%', '/style.css'])
      for (const host of ['evil.example', 'evil.example:8025', 'localhost.evil.example', ''])
        assert.ok([400, 421].includes(await raw({ path, headers: { host } })), `${host} ${path}`)
    assert.equal(await raw({ path: '/healthz', headers: { host: 'localhost:1' } }), 200)
  })

  it('refuses forms that come from elsewhere, whatever they know', async () => {
    await store.addAccount('demo@gmail.test')
    const text = await (await browser.get('/')).text()
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
    const fields = { token, account: 'demo@gmail.test', name: 'x', allow: 'imap' }
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ] as Record<string, string>[])
      for (const path of ['/connect', '/connect/finish', '/passwords', '/passwords/revoke'])
        assert.equal((await browser.post(path, fields, headers)).status, 403, JSON.stringify(headers))
    const [account] = await store.accounts()
    assert.deepEqual(await store.clientPasswords(account?.id as never), [])
    assert.equal((await browser.post('/passwords', fields)).status, 303)
  })

  it('refuses a form without a token, with a wrong one, and with another visitor’s', async () => {
    const text = await (await new Browser(web.url).get('/')).text()
    const foreign = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
    await browser.get('/')
    for (const token of ['', 'x', foreign])
      assert.equal((await browser.post('/connect', { token, access: 'modify' })).status, 403)
    assert.equal((await browser.post('/connect', { access: 'modify' })).status, 403)
  })

  it('sends its policy with every answer, and lets no script run but its own', async () => {
    for (const path of [
      '/',
      '/none',
      '/passwords?account=x',
      '/oauth/callback',
      '/healthz',
      '/shown',
      '/style.css',
    ]) {
      const { headers } = await browser.get(path)
      const policy = headers.get('content-security-policy') ?? ''
      assert.match(
        policy,
        /^default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';/,
        path,
      )
      assert.doesNotMatch(policy, /unsafe/)
      assert.equal(headers.get('cache-control'), 'no-store', path)
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
      assert.equal(headers.get('access-control-allow-origin'), null, path)
    }
    const text = await (await browser.get('/')).text()
    assert.doesNotMatch(text, /<script(?! src="\/script\.js" defer><)|style="| on[a-z]+="/)
    assert.match(
      (await browser.get('/')).headers.get('content-security-policy') ?? '',
      new RegExp(`form-action 'self' ${RegExp.escape(google.base)}`),
    )
  })

  it('refuses long addresses, headers and bodies, and other kinds of body', async () => {
    assert.equal((await browser.get(`/?${'x'.repeat(9000)}`)).status, 414)
    assert.equal((await browser.get('/', { headers: { 'x-long': 'x'.repeat(17_000) } })).status, 431)
    assert.equal((await browser.post('/connect', { token: 'x'.repeat(17_000) })).status, 413)
    const json = await fetch(new URL('/connect', web.url), {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(json.status, 415)
    for (const method of ['PUT', 'DELETE', 'OPTIONS'])
      assert.equal((await fetch(new URL('/connect', web.url), { method })).status, 404)
  })
})

describe('the overview and the probes', () => {
  it('show where each account stands, and escape what is not theirs', async () => {
    accounts = [
      { address: 'a"<b>@x.test', phase: 'listing', messages: 1200, hydrated: 0, alert: undefined },
      { address: 'b@x.test', phase: 'live', messages: 1, hydrated: 1, alert: undefined },
      { address: 'c@x.test', phase: 'live', messages: 5, hydrated: 2, alert: 'Connect <it> again' },
    ]
    const text = await expectPage(
      await browser.get('/'),
      200,
      /Reading the list of messages: 1,200 messages so far/,
    )
    assert.match(text, /Up to date: 1 message\./)
    assert.match(text, /Connect &lt;it&gt; again/)
    assert.match(text, /a&quot;&lt;b&gt;@x\.test/)
    assert.doesNotMatch(text, /<b>/)
  })

  it('answer probes', async () => {
    assert.deepEqual(await (await browser.get('/healthz')).json(), { alive: true })
    assert.equal((await browser.get('/readyz')).status, 200)
    await reopen({ readiness: () => ({ ready: false, reason: 'The store is being opened' }) })
    const response = await browser.get('/readyz')
    assert.equal(response.status, 503)
    assert.deepEqual(await response.json(), { ready: false, reason: 'The store is being opened' })
  })

  it('keep the reason of a failure to the log', async () => {
    await reopen({
      accounts: () => {
        throw new Error('sesame')
      },
    })
    const text = await expectPage(await browser.get('/'), 500, /Something went wrong here/)
    assert.doesNotMatch(text, /sesame/)
    assert.match(log.lines.join('\n'), /sesame/)
  })

  it('take more routes behind the same Host check', async () => {
    await reopen({ routes: (app) => void app.get('/metrics', () => 'metrics') })
    assert.equal(await (await browser.get('/metrics')).text(), 'metrics')
    assert.equal(await raw({ path: '/metrics', headers: { host: 'evil.example' } }), 421)
  })
})

function askAsOutlook(body: string): Promise<Response> {
  return fetch(new URL('/Autodiscover/Autodiscover.xml', web.url), {
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body,
  })
}

describe('the pages for mail programs', () => {
  beforeEach(() => {
    accounts = ['demo@gmail.test', 'peer@Example.test'].map((address) => ({
      address,
      phase: 'live',
      messages: 0,
      hydrated: 0,
      alert: undefined,
    }))
  })

  it('say the values of this installation, for the account that is meant', async () => {
    for (const { name } of guides) {
      const text = await expectPage(
        await browser.get(`/clients/${name}?account=peer%40example.test`),
        200,
        /peer@Example\.test/,
      )
      assert.ok(name === 'scanner' || name === 'msmtp' || text.includes('1143'), name)
    }
    await expectPage(await browser.get('/clients/none'), 404, /no such page/)
    const strange = await (await browser.get('/clients/mutt?account=<script>')).text()
    assert.ok(strange.includes('demo@gmail.test') && !strange.includes('<script>'))
  })

  it('name the host by which a person came where every address listens', async () => {
    await reopen({ mailServers: () => [{ protocol: 'IMAP', host: '0.0.0.0', port: 1, security: 'TLS' }] })
    await expectPage(await browser.get('/clients/outlook'), 200, /127\.0\.0\.1, port 1, encryption SSL\/TLS/)
  })

  it('answer programs by the names of connected domains, and by no other', async () => {
    const path = '/mail/config-v1.1.xml?emailaddress=peer@example.test'
    const wellKnown = '/.well-known/autoconfig/mail/config-v1.1.xml'
    for (const host of ['autoconfig.example.test', 'example.test:80', 'autoconfig.gmail.test', '127.0.0.1']) {
      assert.equal(await raw({ path, headers: { host } }), 200, host)
      assert.equal(await raw({ path: wellKnown, headers: { host } }), 200, host)
    }
    for (const host of [
      'autoconfig.evil.test',
      'evil.test',
      'autoconfig.autoconfig.example.test',
      'x.example.test',
    ])
      assert.equal(await raw({ path, headers: { host } }), 421, host)
    assert.equal(await raw({ path: '/clients', headers: { host: 'autoconfig.example.test' } }), 421)
    assert.equal(
      await raw({ path: '/mail/config-v1.1.xml/', headers: { host: 'autoconfig.example.test' } }),
      421,
    )
  })

  it('tell Outlook nothing when it asks nothing', async () => {
    assert.equal((await askAsOutlook('<EMailAddress>a@b.test</EMailAddress>')).status, 200)
    assert.equal((await askAsOutlook('<EMailAddress/>')).status, 400)
    assert.equal((await askAsOutlook('x'.repeat(17_000))).status, 413)
  })

  it('sign the profile and send the authority', async () => {
    await reopen({ sign: async (content) => Buffer.concat([Buffer.from('signed '), content]) })
    const profile = await browser.get('/clients/apple-mail/postern.mobileconfig?account=peer@example.test')
    assert.equal(profile.headers.get('content-type'), 'application/x-apple-aspen-config')
    assert.match(await profile.text(), /^signed <\?xml.*peer@Example\.test/s)
    const isp = await browser.get('/clients/thunderbird/isp.xml?account=peer@example.test')
    assert.equal(isp.headers.get('content-disposition'), 'attachment; filename="example.test.xml"')
  })
})

describe('Google access', () => {
  it('takes no client that the environment sets, and none without the form’s token', async () => {
    await expectPage(await browser.get('/google'), 200, /Google access/)
    assert.equal((await browser.post('/google', { clientId: 'x', clientSecret: 'y' })).status, 403)
    const text = await (await browser.get('/')).text()
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
    await expectPage(await browser.post('/google', { token, clientId: 'x' }), 409, /environment sets/)
  })

  it('checks what was pasted with Google, keeps it, and never shows the secret', async () => {
    let kept: OAuthClient | undefined
    const oauthClient: OAuthClientBook = {
      fixed: false,
      current: () => kept,
      check: async (client) => (client.clientSecret === clientSecret ? 'good' : 'wrong'),
      save: async (client) => {
        kept = client
      },
    }
    await reopen({ oauthClient })
    const wrong = await browser.submit('/google', '/google', { clientId, clientSecret: 'sesame-wrong' })
    assert.doesNotMatch(await expectPage(wrong, 400, /Google does not know/), /sesame/)
    const nonsense = await browser.submit('/google', '/google', { json: '<b>' })
    await expectPage(nonsense, 400, /no JSON file/)
    assert.equal(kept, undefined)
    const right = await browser.submit('/google', '/google', { clientId, clientSecret })
    assert.equal(right.headers.get('location'), '/#connect')
    assert.deepEqual(kept, { clientId, clientSecret })
    const text = await (await browser.get('/google')).text()
    assert.ok(text.includes(clientId) && !text.includes(clientSecret))
  })
})

describe('the live feed', () => {
  it('sends what changes, with the policy of every answer, and ends with the pages', async () => {
    const response = await browser.get('/live')
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.ok(response.body !== null)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const until = async (pattern: RegExp) => {
      while (!pattern.test(text)) {
        const { value, done } = await reader.read()
        assert.ok(!done, text)
        text += value
      }
    }
    await until(/data: \{"shape":"[^"]+","parts":\{\}\}\n\n/)
    accounts = [{ address: 'b@x.test', phase: 'live', messages: 1, hydrated: 1, alert: undefined }]
    await until(/"account-0":"<p class=\\"quiet\\">Up to date: 1 message\./)
    await reader.cancel()
  })

  it('has room for twenty', async () => {
    const aborting = new AbortController()
    const look = () => fetch(new URL('/live', web.url), { signal: aborting.signal })
    const streams = await Promise.all(Array.from({ length: 21 }, look))
    const statuses = streams.map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 200).length, 20)
    assert.equal(statuses.filter((status) => status === 503).length, 1)
    aborting.abort()
  })
})
