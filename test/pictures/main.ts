import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { Visit } from '../browser/visit.ts'

const folder = join(import.meta.dirname, '../../docs/pictures')
/** What a picture in the README may weigh. */
const mostBytes = 120_000

/** The ports that a Postern without settings has: pictures shall show what the reader will see. */
const usual = {
  POSTERN_IMAP_PORT: '1143',
  POSTERN_IMAPS_PORT: '1993',
  POSTERN_POP3_PORT: '1110',
  POSTERN_POP3S_PORT: '1995',
  POSTERN_SMTP_PORT: '1587',
  POSTERN_SMTPS_PORT: '1465',
  POSTERN_WEB_PORT: '8025',
  POSTERN_QUOTA_PER_MINUTE: '6000',
}

/** The top of a page, as far down as the picture needs. */
async function take(page: Page, name: string, height: number): Promise<void> {
  await page.setViewportSize({ width: 900, height })
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
  const { size } = await stat(path)
  console.log(`docs/pictures/${name}.png  ${Math.ceil(size / 1000)} kB`)
  if (size > mostBytes) throw new RangeError(`${path} has ${size} bytes; at most ${mostBytes} are wanted`)
}

/** Makes the pictures of the README, on a simulated Google: `node test/pictures/main.ts`. Needs Chromium and the usual ports. */
async function main(): Promise<void> {
  await mkdir(folder, { recursive: true })
  const visit = await Visit.begin(usual)
  try {
    const { page } = visit
    await visit.askGoogle()
    await take(page, 'consent', 620)
    await visit.answer('Allow')
    await take(page, 'connected', 800)
    const client = await visit.login(await visit.shownPassword())
    await client.mailboxOpen('INBOX')
    for await (const message of client.fetch('1:*', { source: true })) void message
    await page.goto(visit.at('/clients/thunderbird'))
    await take(page, 'thunderbird', 890)
    await page.goto(visit.at('/'))
    await page
      .locator('#account-0')
      .getByText(/Up to date: \d+ messages\./)
      .waitFor()
    await page.locator('#live-cache').getByText(/\d+ %/).waitFor()
    await take(page, 'overview', 860)
  } finally {
    await visit.end()
  }
}

await main()
