import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { inspect, noChromium } from './chromium.ts'
import { oneVisit, user } from './visit.ts'

const readonlyScope = 'https://www.googleapis.com/auth/gmail.readonly'
const modifyScope = 'https://www.googleapis.com/auth/gmail.modify'

/** Google's consent, in the ways it can end. */
describe('connecting a mailbox', { skip: noChromium, timeout: 240_000 }, () => {
  const visit = oneVisit()
  let answered = ''

  /** How many mailboxes the overview lists. */
  const connected = async () => {
    await visit().page.goto(visit().at('/'))
    return visit().page.locator('[id^="account-"]').count()
  }

  test('a denied consent changes nothing and says what to do', async () => {
    await visit().askGoogle()
    await visit().answer('Deny')
    assert.match(await visit().heading(), /Access was not given/)
    await inspect(visit().page, 'denied')
    assert.equal(await connected(), 0)
  })

  test('a forged state changes nothing', async () => {
    await visit().askGoogle()
    const state = randomBytes(32).toString('base64url')
    await visit().page.goto(visit().at(`/oauth/callback?code=stolen&state=${state}`))
    assert.match(await visit().heading(), /not known here/)
    assert.equal(await connected(), 0)
  })

  test('an answer that another browser brings is refused', async () => {
    await visit().askGoogle()
    const { page, context } = visit()
    const asked = page.url()
    const other = await (context.browser() ?? assert.fail()).newPage()
    await other.goto(asked)
    await other.getByRole('button', { name: 'Allow' }).click()
    await other.waitForURL(`${visit().bridge.ready.web.url}/**`)
    assert.match(await visit().heading(other), /begun in another browser/)
    await other.close()
    assert.equal(await connected(), 0)
  })

  test('an allowed one shows address, access, servers and the first password, once', async () => {
    const { page, bridge } = visit()
    await visit().askGoogle()
    const callback = page.waitForRequest(/\/oauth\/callback\?/)
    await visit().answer('Allow')
    answered = (await callback).url()
    assert.equal(page.url(), visit().at('/shown'))
    assert.equal(await visit().heading(), `${user} is connected: Read, change and send`)
    const password = await visit().shownPassword()
    assert.match(password, /^[a-z]{4}(-[a-z]{4}){3}$/)
    const text = (await page.locator('main').textContent()) ?? ''
    for (const door of [bridge.ready.imaps, bridge.ready.smtps]) assert.ok(text.includes(String(door?.port)))
    await inspect(page, 'connected')
    const client = await visit().login(password)
    assert.ok((await client.mailboxOpen('INBOX')).exists > 0)
    await client.logout()
    await page.reload()
    assert.match(await visit().heading(), /shown already/)
    assert.ok(!bridge.log().includes(password))
  })

  test('the same answer a second time is refused', async () => {
    await visit().page.goto(answered)
    assert.match(await visit().heading(), /finished already/)
    assert.ok(
      !visit()
        .bridge.log()
        .includes(new URL(answered).searchParams.get('code') ?? 'no code'),
    )
    assert.equal(await connected(), 1)
  })

  test('a box that was cleared is noticed, and what is missing is said', async () => {
    const { page } = visit()
    await visit().askGoogle()
    // Google shows boxes where more than one scope is asked for.
    const asked = new URL(page.url())
    asked.searchParams.set('scope', `${modifyScope} ${readonlyScope}`)
    await page.goto(asked.href)
    await page.locator(`input[name="scope"][value="${modifyScope}"]`).uncheck()
    await visit().answer('Allow', { account: visit().google.simulator.peer.user })
    assert.match(await visit().heading(), /^peer@gmail\.test is connected: Read only/)
    const partial = page.getByRole('region', { name: 'Google gave less than was asked for' })
    assert.match((await partial.textContent()) ?? '', /Asked for: Read, change and send\. Given: Read only/)
    await inspect(page, 'partial')
    await page.goto(visit().at('/clients/msmtp?account=peer%40gmail.test'))
    assert.match((await page.locator('main').textContent()) ?? '', /connected for reading only/)
    await inspect(page, 'reading-only')
  })

  test('with every box cleared nothing is changed', async () => {
    const { page } = visit()
    await visit().askGoogle()
    const asked = new URL(page.url())
    asked.searchParams.set('scope', `${modifyScope} ${readonlyScope}`)
    await page.goto(asked.href)
    for (const box of await page.locator('input[name="scope"]').all()) await box.uncheck()
    await visit().answer('Allow')
    assert.match(await visit().heading(), /Access was not given|none of the access/)
  })

  test('another account than the one to be connected is refused', async () => {
    const { page } = visit()
    await page.goto(visit().at(`/access?account=${encodeURIComponent(user)}`))
    await inspect(page, 'access')
    await page.getByRole('button', { name: /Connect|Google/ }).click()
    await visit().atGoogle()
    await visit().answer('Allow', { account: visit().google.simulator.peer.user })
    assert.match(await visit().heading(), /Another Google account was chosen/)
  })

  test('from another machine the address that the browser ended on is pasted', async () => {
    const { page, context } = visit()
    await visit().askGoogle()
    // The browser of another machine finds nothing at that loopback address.
    const network = await context.newCDPSession(page)
    await network.send('Fetch.enable', { patterns: [{ urlPattern: '*/oauth/callback?*' }] })
    const nothingThere = new Promise<{ requestId: string; request: { url: string } }>((resolve) =>
      network.once('Fetch.requestPaused', resolve),
    )
    await page.locator(`input[name="account"][value="${user}"]`).check()
    const pressed = page.getByRole('button', { name: 'Allow' }).click()
    const { requestId, request } = await nothingThere
    const ended = request.url
    await network.send('Fetch.failRequest', { requestId, errorReason: 'ConnectionRefused' })
    await pressed
    await page.waitForURL('chrome-error://**')
    await network.detach()
    await page.goto(visit().at('/'))
    await page.getByText('Your browser runs on another machine').click()
    await page.getByLabel('Address from the browser').fill('http://127.0.0.1/elsewhere?code=1')
    await page.getByRole('button', { name: 'Finish' }).click()
    assert.match(await visit().heading(), /not the address/)
    await page.goto(visit().at('/'))
    await page.getByText('Your browser runs on another machine').click()
    await page.getByLabel('Address from the browser').fill(ended)
    await page.getByRole('button', { name: 'Finish' }).click()
    await page.waitForURL(visit().at('/'))
    assert.equal(await connected(), 2)
  })
})
