import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noChromium } from './chromium.ts'
import { tabTo } from './keyboard.ts'
import { oneVisit, user } from './visit.ts'

/** Nobody touches a mouse; what has the focus is to be seen at every stop. */
describe('with the keyboard alone', { skip: noChromium, timeout: 240_000 }, () => {
  const visit = oneVisit()
  const press = (...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => visit().page.keyboard.press(key)), Promise.resolve())

  test('a mailbox is connected', async () => {
    const { page } = visit()
    await page.goto(visit().at('/'))
    await tabTo(page, 'radio', /Read, change and send/)
    await press('ArrowDown')
    await tabTo(page, 'button', 'Connect with Google')
    await press('Enter')
    await visit().atGoogle()
    await tabTo(page, 'button', 'Allow')
    await press('Enter')
    await page.waitForURL(visit().at('/shown'))
    assert.equal(await visit().heading(), `${user} is connected: Everything, deleting for ever included`)
  })

  test('the password is copied', async () => {
    const { page, context } = visit()
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await tabTo(page, 'button', 'Copy')
    await press('Enter')
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), await visit().shownPassword())
  })

  test('a password is made with rights, and revoked', async () => {
    const { page } = visit()
    await tabTo(page, 'link', 'To the overview')
    await press('Enter')
    await page.waitForURL(visit().at('/'))
    await tabTo(page, 'link', 'Passwords for mail programs')
    await press('Enter')
    await page.waitForURL(/\/passwords\?/)
    await tabTo(page, 'textbox', 'Name of the device or program')
    await page.keyboard.type('reader')
    await tabTo(page, 'checkbox', 'SMTP')
    await press('Space')
    await tabTo(page, 'radio', /Everything/)
    await press('ArrowDown', 'ArrowDown')
    await press('Tab', 'Enter')
    await tabTo(page, 'textbox', /Only these mailboxes/)
    await page.keyboard.type('INBOX')
    await tabTo(page, 'button', 'Make a password')
    await press('Enter')
    await page.waitForURL(visit().at('/shown'))
    const client = await visit().login(await visit().shownPassword())
    assert.equal((await client.mailboxOpen('INBOX')).readOnly, true)
    await client.logout()
    await page.goto(visit().at(`/passwords?account=${user}`))
    const entry = page.getByRole('listitem').filter({ hasText: 'reader' })
    assert.match((await entry.textContent()) ?? '', /read only.+only INBOX/is)
    await tabTo(page, 'button', 'Revoke reader')
    await press('Enter')
    await page.getByRole('status').filter({ hasText: 'The password is revoked' }).waitFor()
  })

  test('every page is walked through to its end and back to the start', async () => {
    const { page } = visit()
    for (const path of [
      '/',
      '/clients',
      '/clients/k9',
      '/clients/mutt',
      '/trust',
      '/google',
      `/access?account=${user}`,
    ]) {
      await page.goto(visit().at(path))
      const last = page.locator('main').locator('a:visible, button:visible').last()
      const name = (await last.getAttribute('aria-label')) ?? (await last.textContent()) ?? ''
      const isButton = (await last.evaluate((element) => element.nodeName)) === 'BUTTON'
      await tabTo(page, isButton ? 'button' : 'link', name.trim())
    }
  })
})
