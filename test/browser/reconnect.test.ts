import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { control } from '../postern.ts'
import { inspect, noChromium } from './chromium.ts'
import { oneVisit, user } from './visit.ts'

/** Google's grant ends, and is given again. */
describe('a grant that ended', { skip: noChromium, timeout: 240_000 }, () => {
  const visit = oneVisit()
  let password = ''
  const again = () => visit().page.getByRole('button', { name: `Connect again: ${user}` })

  test('the overview shows who is connected and how far it is, without being loaded again', async () => {
    const { page } = visit()
    password = await visit().connect()
    await page.goto(visit().at('/'))
    await page.evaluate('window.isStillThere = true')
    const client = await visit().login(password)
    await client.mailboxOpen('INBOX')
    await page
      .locator('#live-clients')
      .getByText(/\bIMAP\b/)
      .first()
      .waitFor()
    await page
      .locator('#account-0')
      .getByText(/Up to date: \d+ messages\./)
      .waitFor()
    assert.equal(await page.evaluate('window.isStillThere'), true)
    await inspect(page, 'overview')
  })

  test('comes to the top of the page by itself, and mail programs hear where to go', async () => {
    const { page } = visit()
    await control(visit().google, 'revoke', { account: user })
    await again().waitFor()
    const [first] = await page.locator('main section').all()
    assert.match((await first?.textContent()) ?? '', /Needs you.+no longer gives Postern access/s)
    await inspect(page, 'grant-ended')
    await assert.rejects(visit().login(password), (error: Error & { responseText?: string }) => {
      const { responseText = '' } = error
      assert.match(responseText, /no longer gives Postern access to demo@gmail\.test/)
      assert.ok(responseText.includes(visit().bridge.ready.web.url), responseText)
      return true
    })
  })

  test('another mailbox does not mend it', async () => {
    await again().click()
    await visit().atGoogle()
    await visit().answer('Allow', { account: visit().google.simulator.peer.user })
    assert.match(await visit().heading(), /Another Google account was chosen/)
    await visit().page.goto(visit().at('/'))
    await again().waitFor()
  })

  test('the same one does, and the password from before goes on working', async () => {
    const { page } = visit()
    await again().click()
    await visit().atGoogle()
    await visit().answer('Allow')
    assert.equal(page.url(), visit().at('/'))
    await again().waitFor({ state: 'detached' })
    const client = await visit().login(password)
    assert.ok((await client.mailboxOpen('INBOX')).exists > 0)
  })
})
