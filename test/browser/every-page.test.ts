import { describe, test } from 'node:test'
import { inspect, noChromium } from './chromium.ts'
import { oneVisit, user } from './visit.ts'

/** What is shown once or only in trouble is looked at by the tests of its own story. */
describe(
  'every page, light and dark, wide and 320 pixels narrow',
  { skip: noChromium, timeout: 240_000 },
  () => {
    const visit = oneVisit()
    const query = `?account=${encodeURIComponent(user)}`

    test('satisfies axe and scrolls in one direction only', async () => {
      const { page } = visit()
      await visit().connect()
      await page.goto(visit().at('/'))
      await page
        .locator('#account-0')
        .getByText(/Up to date/)
        .waitFor()
      await inspect(page, 'page-overview')
      for (const path of ['/clients', '/trust', '/google', '/google/workspace']) {
        await page.goto(visit().at(path))
        await inspect(page, `page${path.replaceAll('/', '-')}`)
      }
      for (const path of ['/passwords', '/access']) {
        await page.goto(visit().at(`${path}${query}`))
        for (const folded of await page.locator('summary').all()) await folded.click()
        await inspect(page, `page${path.replaceAll('/', '-')}`)
      }
      await page.goto(visit().at('/nowhere'))
      await inspect(page, 'page-nowhere')
    })
  },
)
