import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { ImapFlow } from 'imapflow'
import type { Browser, Page } from 'playwright-core'
import { control, startPostern, withFolder } from '../postern.ts'
import type { Running } from '../postern.ts'
import { inspect, noChromium, openChromium, tabTo } from './chromium.ts'

const user = 'demo@gmail.test'

/** From nothing to a mail program that works, in a browser. The tests are one visit and build on each other. */
describe('setting it up in a browser', { skip: noChromium, timeout: 120_000 }, () => {
  let simulator: Running
  let bridge: Running
  let browser: Browser
  let page: Page
  let password = ''
  const visit = Promise.withResolvers<void>()
  let folderGone: Promise<void>
  let client: ImapFlow | undefined

  before(async () => {
    simulator = await startPostern(['simulator'])
    const { url } = simulator.ready.simulator
    const opened = Promise.withResolvers<void>()
    folderGone = withFolder(async (dir) => {
      bridge = await startPostern(['serve'], {
        POSTERN_DATA_DIR: dir,
        POSTERN_GMAIL_API_URL: url,
        POSTERN_GOOGLE_AUTH_URL: url,
        POSTERN_GOOGLE_TOKEN_URL: url,
        POSTERN_POLL_SECONDS: '1',
        GOOGLE_CLIENT_ID: '',
        GOOGLE_CLIENT_SECRET: '',
      })
      opened.resolve()
      await visit.promise
    })
    await Promise.race([opened.promise, folderGone])
    browser = await openChromium()
    page = await browser.newPage({ viewport: { width: 1100, height: 800 } })
  })
  after(async () => {
    client?.close()
    await browser?.close()
    await bridge?.stop()
    await simulator?.stop()
    visit.resolve()
    await folderGone
  })

  const at = (path: string) => `${bridge.ready.web.url}${path}`
  const heading = () => page.getByRole('heading', { level: 1 }).textContent()

  /** Presses Connect and answers on Google's page. */
  async function consent(decision: 'Allow' | 'Deny', account?: string): Promise<void> {
    await page.waitForURL(`${simulator.ready.simulator.url}/**`)
    if (account !== undefined) await page.locator(`input[name="account"][value="${account}"]`).check()
    await page.getByRole('button', { name: decision }).click()
    await page.waitForURL(`${bridge.ready.web.url}/**`)
  }

  async function login(pass: string): Promise<ImapFlow> {
    const { host, port } = bridge.ready.imaps
    const ca = await (await fetch(at('/trust/authority.pem'))).text()
    const flow = new ImapFlow({ host, port, secure: true, tls: { ca }, auth: { user, pass }, logger: false })
    flow.on('error', () => undefined)
    await flow.connect()
    return flow
  }

  test('the first start leads to Google access, and says what is wrong with what was pasted', async () => {
    await page.goto(at('/'))
    await inspect(page, 'first-start')
    await page.getByRole('link', { name: 'Set up Google access' }).click()
    await inspect(page, 'google-access')
    const { clientId, clientSecret } = simulator.ready.simulator
    await page.getByLabel('Client id').fill(clientSecret)
    await page.getByLabel('Client secret').fill('GOCSPX-wrong-one')
    await page.getByRole('button', { name: 'Check and keep' }).click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /no client id|Exchange/)
    await page.getByLabel('Client id').fill(clientId)
    await page.getByLabel('Client secret').fill('GOCSPX-wrong-one')
    await page.getByRole('button', { name: 'Check and keep' }).click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /Google does not know/)
    await inspect(page, 'google-access-wrong')
    const file = {
      installed: { client_id: clientId, client_secret: clientSecret, redirect_uris: ['http://localhost'] },
    }
    await page.getByLabel('Choose the file').setInputFiles({
      name: 'client_secret.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(file)),
    })
    await page.waitForFunction(`document.getElementById('json').value !== ''`)
    await page.getByRole('button', { name: 'Check and keep' }).click()
    await page.getByRole('button', { name: 'Connect with Google' }).waitFor()
  })

  test('a denied consent and a forged answer change nothing and say what to do', async () => {
    await page.getByRole('button', { name: 'Connect with Google' }).click()
    await consent('Deny')
    assert.match((await heading()) ?? '', /Access was not given/)
    await inspect(page, 'denied')
    await page.goto(at(`/oauth/callback?code=stolen&state=${randomBytes(32).toString('base64url')}`))
    assert.match((await heading()) ?? '', /not known here/)
  })

  test('connecting with the keyboard alone shows the first password, once', async () => {
    await page.goto(at('/'))
    await tabTo(page, 'radio', /Read, change and send/)
    await tabTo(page, 'button', 'Connect with Google')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${simulator.ready.simulator.url}/**`)
    await tabTo(page, 'button', 'Allow')
    await page.keyboard.press('Enter')
    await page.waitForURL(at('/shown'))
    assert.equal(await heading(), `${user} is connected: Read, change and send`)
    password = (await page.locator('code.password').textContent()) ?? ''
    assert.match(password, /^[a-z]{4}(-[a-z]{4}){3}$/)
    await inspect(page, 'connected')
    assert.ok(!page.url().includes(password))
    await page.reload()
    assert.match((await heading()) ?? '', /shown already/)
    await page.goBack()
    assert.ok(!bridge.log().includes(password))
  })

  test('a mail program opens the mailbox with it, trusting the authority of the page', async () => {
    client = await login(password)
    const { exists } = await client.mailboxOpen('INBOX')
    assert.ok(exists > 0)
  })

  test('the overview follows without being loaded again', async () => {
    await page.goto(at('/'))
    await page
      .locator('#live-clients')
      .getByText(/\bIMAP\b/)
      .first()
      .waitFor()
    await page
      .locator('#account-0')
      .getByText(/Up to date: \d+ messages\./)
      .waitFor()
    await inspect(page, 'overview')
  })

  test('a password for one device opens what it may, and nothing once it is revoked', async () => {
    await page.getByRole('link', { name: 'Passwords for mail programs' }).click()
    await page.getByLabel('Name of the device or program').fill('phone')
    await page.getByLabel('Read only').check()
    await inspect(page, 'passwords')
    await page.getByRole('button', { name: 'Make a password' }).click()
    const own = (await page.locator('code.password').textContent()) ?? ''
    const phone = await login(own)
    assert.equal((await phone.mailboxOpen('INBOX')).readOnly, true)
    await phone.logout()
    await page.goto(at(`/passwords?account=${encodeURIComponent(user)}`))
    await page
      .getByText(/last used 2\d\d\d-\d\d-\d\d from 127\.0\.0\.1/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Revoke phone' }).click()
    await page.getByText('phone').waitFor({ state: 'detached' })
    await assert.rejects(login(own))
  })

  test('a revoked grant comes to the top by itself; only the same mailbox can mend it', async () => {
    await page.goto(at('/'))
    await control(simulator.ready, 'revoke', { account: user })
    const again = page.getByRole('button', { name: `Connect again: ${user}` })
    await again.waitFor({ timeout: 60_000 })
    assert.match(
      (await page.getByRole('alert').or(page.locator('.alert')).first().textContent()) ?? '',
      /no longer gives Postern access/,
    )
    await inspect(page, 'grant-ended')
    await assert.rejects(login(password), (error: Error & { responseText?: string }) =>
      /no longer gives Postern access|Connect the account again/.test(error.responseText ?? ''),
    )
    await again.click()
    await consent('Allow', simulator.ready.simulator.peer.user)
    assert.match((await heading()) ?? '', /Another Google account was chosen/)
    await page.goto(at('/'))
    await again.click()
    await consent('Allow')
    assert.equal(page.url(), at('/'))
    await again.waitFor({ state: 'detached' })
    await (await login(password)).logout()
  })

  test('every page fits a phone, dark and light, and satisfies axe', async () => {
    const paths = ['/', '/clients', '/trust', '/google', '/google/workspace', `/passwords?account=${user}`]
    await page.goto(at('/clients'))
    for (const link of await page.locator('ul.tiles a').all())
      paths.push((await link.getAttribute('href')) ?? '')
    assert.ok(paths.length >= 18, paths.join(' '))
    for (const [colorScheme, width] of [
      ['dark', 360],
      ['light', 1100],
    ] as const) {
      const looked = await browser.newPage({ colorScheme, viewport: { width, height: 720 } })
      for (const path of paths) {
        await looked.goto(at(path))
        await inspect(looked, `${colorScheme}${path.replace(/\?.*/, '').replaceAll('/', '-')}`)
      }
      await looked.close()
    }
  })

  test('the files for mail programs are what an XML reader calls well-formed', async () => {
    await page.goto(at('/'))
    const read = (text: string) =>
      page.evaluate(`(() => {
        const found = new DOMParser().parseFromString(${JSON.stringify(text)}, 'text/xml')
        return [found.querySelector('parsererror')?.textContent ?? '', found.documentElement.nodeName]
      })()`)
    const query = `emailaddress=${encodeURIComponent('<&"@x.test')}`
    const autoconfig = await (await fetch(at(`/mail/config-v1.1.xml?${query}`))).text()
    assert.deepEqual(await read(autoconfig), ['', 'clientConfig'])
    const asked = await fetch(at('/autodiscover/autodiscover.xml'), {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: `<Autodiscover><Request><EMailAddress>${user}</EMailAddress></Request></Autodiscover>`,
    })
    assert.deepEqual(await read(await asked.text()), ['', 'Autodiscover'])
  })
})
