import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { inspect, noChromium } from './chromium.ts'
import { tabTo } from './keyboard.ts'
import { oneVisit } from './visit.ts'

/** Pages that other machines could reach: TLS and the admin password. The tests are one visit and build on each other. */
describe('signing in to the pages in a browser', { skip: noChromium, timeout: 240_000 }, () => {
  const visit = oneVisit({ POSTERN_WEB_TLS: 'on', POSTERN_WEB_PUBLIC_URL: 'https://localhost' })
  const at = (path: string) => visit().at(path)
  let password = ''

  test('whoever leaves out the s is asked for the admin password over TLS', async () => {
    const { page, dir } = visit()
    password = readFileSync(join(dir, 'first-admin-password'), 'utf8').trim()
    await page.goto(at('/clients').replace('https:', 'http:'))
    assert.equal(page.url(), at('/clients'))
    assert.equal(await visit().heading(), 'Sign in')
    await inspect(page, 'sign-in')
  })

  test('a wrong one is said to be wrong, where a screen reader hears it', async () => {
    const { page } = visit()
    await page.getByLabel('Admin password').fill('sesame')
    await page.keyboard.press('Enter')
    assert.match((await page.getByRole('alert').textContent()) ?? '', /That was not the admin password/)
    const field = page.getByLabel('Admin password')
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
    assert.equal(await field.evaluate((element) => element === element.ownerDocument.activeElement), true)
    await inspect(page, 'sign-in-wrong')
  })

  test('the right one, by the keyboard alone, leads to the page that was wanted', async () => {
    const { page, context } = visit()
    await page.goto(at('/clients'))
    // The field takes the focus by itself, at the first frame.
    await page.locator('input:focus').waitFor()
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.locator('h1').filter({ hasNotText: 'Sign in' }).waitFor()
    assert.equal(page.url(), at('/clients'))
    const [cookie] = await context.cookies()
    assert.ok(cookie?.secure === true && cookie.httpOnly && cookie.name.startsWith('__Host-'))
  })

  test('Google leads back to pages with TLS, and to the overview', async () => {
    const { page } = visit()
    for (const expected of ['/shown', '/']) {
      await visit().askGoogle()
      await page.getByRole('button', { name: 'Allow' }).click()
      await page.waitForURL(at(expected))
      assert.notEqual(await visit().heading(), 'Sign in')
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
    }
    await inspect(page, 'overview-signed-in')
  })

  test('signing out shuts the pages, going back shows nothing, and what was open says so', async () => {
    const { page, context } = visit()
    const left = await context.newPage()
    await left.goto(at('/'))
    await page.goto(at('/'))
    await tabTo(page, 'button', 'Sign out')
    await page.keyboard.press('Enter')
    await page.waitForURL(at('/sign-in'))
    await page.goBack()
    assert.equal(await visit().heading(), 'Sign in')
    await left.locator('#notice').getByText('This page does not follow any more').waitFor()
    assert.ok(!visit().bridge.log().includes(password))
  })
})
