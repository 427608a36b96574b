import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
/** Where pictures of what was looked at are kept: never in the tree. */
const pictures = process.env['POSTERN_PICTURES'] ?? join(tmpdir(), 'postern-pictures')

/** Why tests in a browser are left out; false when they run. In CI they are never left out. */
export const noChromium: string | false =
  existsSync(executablePath) || process.env['CI'] === 'true'
    ? false
    : `there is no Chromium at ${executablePath}: install it, or name one in CHROMIUM`

export function openChromium(): Promise<Browser> {
  // In a container Chromium has nothing to make its sandbox of; it sees our own pages only.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** Looks at a page on a desk in the light and on a narrow phone in the dark, and leaves it as it was. */
export async function inspect(page: Page, name: string): Promise<void> {
  const before = page.viewportSize()
  for (const [looks, colorScheme, width] of [
    ['desk', 'light', 1100],
    ['phone', 'dark', 320],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 720 })
    await look(page, `${name}-${looks}`)
  }
  await page.emulateMedia({ colorScheme: null })
  if (before !== null) await page.setViewportSize(before)
}

/** Keeps a picture, and fails for what axe calls serious or critical, or what is wider than the window. */
async function look(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true })
  // From the colours of the light to those of the dark a button passes through some that nobody can read.
  await page.evaluate(
    'Promise.allSettled(document.getAnimations().map(({ finished }) => finished)).then(() => {})',
  )
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe.source)
  const found = await page.evaluate<{ id: string; impact: string; where: string[] }[]>(
    `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html.slice(0, 200)) })))`,
  )
  const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  assert.deepEqual(serious, [], name)
  const { scrollWidth, clientWidth } = await page.evaluate<{ scrollWidth: number; clientWidth: number }>(
    '(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }))(document.documentElement)',
  )
  assert.ok(scrollWidth <= clientWidth, `${name}: ${scrollWidth} pixels are wider than the window`)
}
