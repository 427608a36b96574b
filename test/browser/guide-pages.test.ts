import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect, noChromium } from './chromium.ts'
import { oneVisit } from './visit.ts'

describe('the page of each mail program', { skip: noChromium, timeout: 240_000 }, () => {
  const visit = oneVisit()

  test('satisfies axe, light and dark, and fits 320 pixels', async () => {
    const { page } = visit()
    await visit().connect()
    await page.goto(visit().at('/clients'))
    const links = await page.locator('ul.tiles a').all()
    const paths = await Promise.all(links.map((link) => link.getAttribute('href')))
    assert.ok(paths.length >= 12, paths.join(' '))
    for (const path of paths) {
      await page.goto(visit().at(path ?? ''))
      await inspect(page, `page${path?.replace(/\?.*/, '').replaceAll('/', '-')}`)
    }
  })
})
