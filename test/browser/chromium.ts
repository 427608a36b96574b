import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const shots = join(import.meta.dirname, '../../artefacts')

/** Why tests in a browser are left out; false when they run. In CI they are never left out. */
export const noChromium: string | false =
  existsSync(executablePath) || process.env['CI'] === 'true'
    ? false
    : `there is no Chromium at ${executablePath}: install it, or name one in CHROMIUM`

export function openChromium(): Promise<Browser> {
  // In a container Chromium has nothing to make its sandbox of; it sees our own pages only.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** Keeps a picture under `artefacts/`, and fails for what axe calls serious or critical, or what is wider than the window. */
export async function inspect(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
  await page.evaluate(axe.source)
  const found = await page.evaluate<{ id: string; impact: string; where: string[] }[]>(
    `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html.slice(0, 200)) })))`,
  )
  const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  assert.deepEqual(serious, [], name)
  const spare = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  assert.equal(spare, 0, `${name} is wider than the window`)
}

/** Moves on with the Tab key until the element of this accessible name has the focus, as a person without a mouse does. */
export async function tabTo(
  page: Page,
  role: 'link' | 'button' | 'textbox' | 'radio' | 'checkbox',
  name: string | RegExp,
): Promise<void> {
  const wanted = page.getByRole(role, { name }).first()
  for (let presses = 0; presses < 80; presses++) {
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`Tab never reaches the ${role} ${String(name)}`)
}
