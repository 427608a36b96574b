import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import type { ImapFlow } from 'imapflow'
import { inspect, noChromium } from './chromium.ts'
import { oneVisit, user } from './visit.ts'

/** A password of its own for one device, from the form to the end of its sessions. */
describe('passwords for mail programs', { skip: noChromium, timeout: 240_000 }, () => {
  const visit = oneVisit()
  let password = ''
  let phone: ImapFlow | undefined

  const open = () => visit().page.goto(visit().at(`/passwords?account=${encodeURIComponent(user)}`))

  test('what cannot be used is said beside its field, and what was typed stays', async () => {
    const { page } = visit()
    await visit().connect()
    await page.goto(visit().at('/'))
    await page.getByRole('link', { name: 'Passwords for mail programs' }).click()
    await inspect(page, 'passwords')
    await page.getByLabel('Name of the device or program').fill('phone')
    await page.getByText('More limits').click()
    await page.getByLabel('Good only from these addresses').fill('somewhere')
    await page.getByRole('button', { name: 'Make a password' }).click()
    assert.match(
      (await page.getByRole('alert').textContent()) ?? '',
      /somewhere.+neither an address nor a network/,
    )
    const sources = page.getByLabel('Good only from these addresses')
    assert.equal(await sources.getAttribute('aria-invalid'), 'true')
    assert.equal(await page.getByLabel('Name of the device or program').inputValue(), 'phone')
    await inspect(page, 'passwords-wrong')
    await sources.fill('127.0.0.0/8')
  })

  test('a password has the rights that were chosen, in a real mail program', async () => {
    const { page } = visit()
    await page.getByLabel('POP3').uncheck()
    await page.getByLabel('Read only').check()
    await page.getByLabel('Only these mailboxes').fill('INBOX')
    await page.getByLabel('Good for').selectOption('30')
    await page.getByRole('button', { name: 'Make a password' }).click()
    await page.waitForURL(visit().at('/shown'))
    password = await visit().shownPassword()
    await inspect(page, 'new-password')
    phone = await visit().login(password)
    const inbox = await phone.mailboxOpen('INBOX')
    assert.ok(inbox.exists > 0 && inbox.readOnly === true)
    assert.deepEqual(
      (await phone.list()).map(({ path }) => path),
      ['INBOX'],
    )
  })

  test('the page shows its rights, its use and its sessions', async () => {
    const { page } = visit()
    await open()
    const entry = page
      .getByRole('listitem')
      .filter({ has: page.getByRole('button', { name: 'Revoke phone' }) })
    const text = (await entry.textContent()) ?? ''
    for (const pattern of [
      /read only/,
      /only INBOX/,
      /only from 127\.0\.0\.0\/8/,
      /good until 2\d\d\d-/,
      /1 connected/,
    ])
      assert.match(text, pattern)
    assert.match(text, /last\s+used\s+(?!never).+ from 127\.0\.0\.1/s)
    assert.doesNotMatch(text, /POP3/)
    await inspect(page, 'passwords-in-use')
    assert.ok(!(await page.content()).includes(password))
  })

  test('revoked, it ends the session that lives and opens no other', async () => {
    const { page } = visit()
    assert.ok(phone !== undefined)
    const ended = once(phone, 'close')
    await page.getByRole('button', { name: 'Revoke phone' }).click()
    await ended
    await page.getByRole('status').filter({ hasText: 'The password is revoked' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Revoke phone' }).count(), 0)
    await assert.rejects(visit().login(password), { authenticationFailed: true })
    assert.ok(!visit().bridge.log().includes(password))
  })
})
