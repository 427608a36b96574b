import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect, noChromium } from './chromium.ts'
import { oneVisit } from './visit.ts'

/** Postern knows no OAuth client yet. */
describe('the first start', { skip: noChromium, timeout: 240_000 }, () => {
  const visit = oneVisit({ GOOGLE_CLIENT_ID: '', GOOGLE_CLIENT_SECRET: '' })
  const downloaded = (clientSecret: string) =>
    JSON.stringify({
      installed: {
        client_id: visit().google.simulator.clientId,
        project_id: 'postern',
        client_secret: clientSecret,
        redirect_uris: ['http://localhost'],
      },
    })
  const complaint = async () => (await visit().page.getByRole('alert').textContent()) ?? ''

  test('leads to the page that tells how Google comes to know Postern', async () => {
    const { page } = visit()
    await page.goto(visit().at('/'))
    assert.equal(await page.getByRole('button', { name: 'Connect with Google' }).count(), 0)
    await inspect(page, 'first-start')
    await page.getByRole('link', { name: 'Set up Google access' }).click()
    assert.match((await page.locator('main').textContent()) ?? '', /7 days/)
    await inspect(page, 'google-access')
    const text = await page
      .locator('main')
      .getByRole('link', { name: /Workspace/ })
      .first()
      .getAttribute('href')
    assert.equal(text, '/google/workspace')
  })

  test('says what is wrong with what was pasted, and asks Google whether it is right', async () => {
    const { page } = visit()
    const { clientId, clientSecret } = visit().google.simulator
    const check = page.getByRole('button', { name: 'Check and keep' })
    await page.getByLabel('Client id').fill(clientSecret)
    await page.getByLabel('Client secret').fill('GOCSPX-wrong-one')
    await check.click()
    assert.match(await complaint(), /no client id|Exchange/)
    await page.getByLabel('Client id').fill(clientId)
    await page.getByLabel('Client secret').fill('GOCSPX-wrong-one')
    await check.click()
    assert.match(await complaint(), /Google does not know/)
    await inspect(page, 'google-access-wrong')
    await page.locator('#json').fill('{"installed":')
    await check.click()
    assert.notEqual(await complaint(), '')
    assert.equal(await page.getByRole('button', { name: 'Connect with Google' }).count(), 0)
  })

  test('takes a file that is chosen into the field, where it can be seen', async () => {
    const { page } = visit()
    await page.goto(visit().at('/google'))
    const buffer = Buffer.from(downloaded('GOCSPX-wrong-one'))
    await page
      .getByLabel('Choose the file')
      .setInputFiles({ name: 'client_secret.json', mimeType: 'application/json', buffer })
    const field = page.locator('#json')
    // The script of the page reads the file in its own time; each look goes to the browser and back.
    for (let looks = 0; looks < 1000 && (await field.inputValue()) === ''; looks++);
    assert.equal(await field.inputValue(), buffer.toString())
  })

  test('goes on to Connect with the JSON that was pasted', async () => {
    const { page } = visit()
    await page.locator('#json').fill(downloaded(visit().google.simulator.clientSecret))
    await page.getByRole('button', { name: 'Check and keep' }).click()
    await page.getByRole('button', { name: 'Connect with Google' }).waitFor()
    assert.match(await visit().connect(), /^[a-z]{4}(-[a-z]{4}){3}$/)
    assert.ok(!visit().bridge.log().includes(visit().google.simulator.clientSecret))
  })
})
