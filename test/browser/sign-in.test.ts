import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { startPostern, withFolder } from '../postern.ts'
import type { Running } from '../postern.ts'
import { inspect, noChromium, openChromium, tabTo } from './chromium.ts'

/** Pages that other machines could reach: TLS and the admin password. The tests are one visit and build on each other. */
describe('signing in to the pages in a browser', { skip: noChromium, timeout: 120_000 }, () => {
  let simulator: Running
  let bridge: Running
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let password = ''
  const visit = Promise.withResolvers<void>()
  let folderGone: Promise<void>

  before(async () => {
    simulator = await startPostern(['simulator'])
    const { url, clientId, clientSecret } = simulator.ready.simulator
    const opened = Promise.withResolvers<void>()
    folderGone = withFolder(async (dir) => {
      bridge = await startPostern(['serve'], {
        POSTERN_DATA_DIR: dir,
        POSTERN_GMAIL_API_URL: url,
        POSTERN_GOOGLE_AUTH_URL: url,
        POSTERN_GOOGLE_TOKEN_URL: url,
        GOOGLE_CLIENT_ID: clientId,
        GOOGLE_CLIENT_SECRET: clientSecret,
        POSTERN_WEB_TLS: 'on',
        POSTERN_WEB_PUBLIC_URL: 'https://localhost',
      })
      password = readFileSync(join(dir, 'first-admin-password'), 'utf8').trim()
      opened.resolve()
      await visit.promise
    })
    await Promise.race([opened.promise, folderGone])
    browser = await openChromium()
    // Whether the certificate is good is asked by Node and curl elsewhere; the browser's list is the system's.
    context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1100, height: 800 } })
    page = await context.newPage()
  })
  after(async () => {
    await browser?.close()
    await bridge?.stop()
    await simulator?.stop()
    visit.resolve()
    await folderGone
  })

  const at = (path: string) => `${bridge.ready.web.url}${path}`
  const heading = () => page.getByRole('heading', { level: 1 }).textContent()

  test('whoever leaves out the s is asked for the admin password over TLS', async () => {
    await page.goto(at('/clients').replace('https:', 'http:'))
    assert.equal(page.url(), at('/clients'))
    assert.equal(await heading(), 'Sign in')
    await inspect(page, 'sign-in')
  })

  test('a wrong one is said to be wrong, where a screen reader hears it', async () => {
    await page.getByLabel('Admin password').fill('sesame')
    await page.keyboard.press('Enter')
    assert.match((await page.getByRole('alert').textContent()) ?? '', /That was not the admin password/)
    const field = page.getByLabel('Admin password')
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
    assert.equal(await field.evaluate((element) => element === element.ownerDocument.activeElement), true)
    await inspect(page, 'sign-in-wrong')
  })

  test('the page fits a phone, dark and light', async () => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.setViewportSize({ width: 360, height: 720 })
      await page.emulateMedia({ colorScheme })
      await page.goto(at('/sign-in'))
      await inspect(page, `sign-in-${colorScheme}`)
    }
    await page.setViewportSize({ width: 1100, height: 800 })
  })

  test('the right one, by the keyboard alone, leads to the page that was wanted', async () => {
    await page.goto(at('/clients'))
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.waitForFunction(`document.querySelector('h1').textContent !== 'Sign in'`)
    assert.equal(page.url(), at('/clients'))
    const [cookie] = await context.cookies()
    assert.ok(cookie?.secure === true && cookie.httpOnly && cookie.name.startsWith('__Host-'))
  })

  test('Google leads back to pages with TLS, and to the overview', async () => {
    for (const expected of ['/shown', '/']) {
      await page.goto(at('/'))
      await page.getByRole('button', { name: 'Connect with Google' }).click()
      await page.waitForURL(`${simulator.ready.simulator.url}/**`)
      await page.getByRole('button', { name: 'Allow' }).click()
      await page.waitForURL(at(expected))
      assert.notEqual(await heading(), 'Sign in')
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
    }
    await inspect(page, 'overview-signed-in')
    await page.setViewportSize({ width: 360, height: 720 })
    await inspect(page, 'overview-signed-in-phone')
  })

  test('signing out shuts the pages, going back shows nothing, and what was open says so', async () => {
    const left = await context.newPage()
    await left.goto(at('/'))
    await page.goto(at('/'))
    await tabTo(page, 'button', 'Sign out')
    await page.keyboard.press('Enter')
    await page.waitForURL(at('/sign-in'))
    await page.goBack()
    assert.equal(await heading(), 'Sign in')
    await left.locator('#notice').getByText('This page does not follow any more').waitFor()
    assert.ok(!bridge.log().includes(password))
  })
})
