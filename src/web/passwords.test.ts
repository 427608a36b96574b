import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { expectPage, openPages } from './testing/open-pages.ts'

const pages = openPages()

describe('client passwords on the page', () => {
  beforeEach(async () => {
    await pages().store.addAccount('demo@gmail.test')
  })

  const page = '/passwords?account=demo%40gmail.test'

  it('are made with rights, shown once, listed and revoked', async () => {
    const made = await pages().browser.submit(page, '/passwords', {
      name: '<i>phone</i>',
      allow: 'imap',
      may: 'read',
      mailboxes: 'INBOX\r\n Work \r\n',
      days: '7',
    })
    assert.equal(made.status, 303)
    await expectPage(await pages().browser.get('/shown'), 200, /“&lt;i&gt;phone&lt;\/i&gt;”/)
    const [account] = await pages().store.accounts()
    const rows = () => pages().store.clientPasswords(account?.id as never)
    const [row] = await rows()
    assert.deepEqual(row?.doors, ['imap'])
    assert.deepEqual(row?.mailboxes, ['INBOX', 'Work'])
    assert.equal(row?.readOnly, true)
    assert.equal(row?.expiresAt, pages().clock.now() + 7 * 24 * 3600_000)
    const text = await expectPage(await pages().browser.get(page), 200, /Only INBOX, Work/)
    assert.match(text, />read only<.*good until 20\d\d-\d\d-\d\d, last\s+used\s+never/s)
    assert.doesNotMatch(text, /<i>/)
    assert.ok(!text.includes(row?.hash ?? ''))
    const revoked = await pages().browser.submit(page, '/passwords/revoke')
    assert.equal(revoked.headers.get('location'), `${page}&done=revoked`)
    await expectPage(await pages().browser.get(`${page}&done=revoked`), 200, /have been disconnected/)
    assert.deepEqual(await rows(), [])
  })

  it('say what is wrong with the form', async () => {
    await expectPage(
      await pages().browser.submit(page, '/passwords', { name: 'x' }),
      400,
      /at least one of imap/,
    )
    await pages().browser.submit(page, '/passwords', { name: 'x', allow: 'imap' })
    const twice = await pages().browser.submit(page, '/passwords', { name: 'x', allow: 'imap' })
    await expectPage(twice, 400, /of this name already/)
    await expectPage(await pages().browser.get('/passwords?account=nobody'), 404, /no such account/)
  })
})
