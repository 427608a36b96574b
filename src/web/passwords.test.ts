import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import type { ConnectedClient } from '#mail/connected-client.ts'
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
    const text = await expectPage(await pages().browser.get(page), 200, /Limits: only INBOX, Work\./)
    assert.match(text, />read only<.*good until 20\d\d-\d\d-\d\d,\s+not used yet/s)
    assert.doesNotMatch(text, /<i>/)
    assert.ok(!text.includes(row?.hash ?? ''))
    const revoked = await pages().browser.submit(page, '/passwords/revoke')
    assert.equal(revoked.headers.get('location'), `${page}&done=revoked`)
    await expectPage(await pages().browser.get(`${page}&done=revoked`), 200, /have been disconnected/)
    assert.deepEqual(await rows(), [])
  })

  it('carry every right that the form can give', async () => {
    await pages().browser.submit(page, '/passwords', {
      name: 'scanner',
      allow: 'imap',
      may: 'no-delete',
      sources: '192.0.2.7\r\n\r\n 2001:db8::/32 ',
      until: '2026-02-03',
      days: '7',
      preset: 'UIDONLY',
      hide: 'IDLE, COMPRESS=DEFLATE',
    })
    const [account] = await pages().store.accounts()
    const [row] = await pages().store.clientPasswords(account?.id as never)
    assert.equal(row?.noDelete, true)
    assert.equal(row.readOnly, false)
    assert.deepEqual(row.sources, ['192.0.2.7', '2001:db8::/32'])
    assert.deepEqual(row.hiddenCapabilities, ['UIDONLY', 'IDLE', 'COMPRESS=DEFLATE'])
    assert.equal(row.expiresAt, Date.parse('2026-02-04T00:00:00Z') - 1)
    const text = await expectPage(await pages().browser.get(page), 200, />no delete</)
    assert.match(
      text,
      /Limits: only from 192\.0\.2\.7, 2001:db8::\/32; hides UIDONLY, IDLE, COMPRESS=DEFLATE/,
    )
  })

  it('keep what was filled in, and say beside the field what is wrong with it', async () => {
    const good = { name: 'my phone', allow: 'smtp', may: 'no-delete' }
    for (const [fields, field, complaint] of [
      [{ sources: 'example.com' }, 'sources', /neither an address nor a network/],
      [{ until: '31.12.2030' }, 'until', /year-month-day/],
      [{ until: '2020-01-01' }, 'until', /lies in the past/],
      [{ hide: 'a"b' }, 'hide', /names of IMAP capabilities/],
    ] as const) {
      const wrong = await pages().browser.submit(page, '/passwords', { ...good, ...fields })
      const text = await expectPage(wrong, 400, complaint)
      assert.match(text, /value="my phone"/)
      assert.match(text, /value="smtp"\s+checked/)
      assert.match(text, /value="no-delete" checked/)
      assert.match(text, /<details open/)
      const control = new RegExp(`<(?:input|textarea)\\s+id="${field}"[^>]*>`).exec(text)?.[0] ?? ''
      assert.match(control, /aria-invalid="true" autofocus\s+aria-describedby="problem/)
    }
  })

  it('offer no more than the account was given', async () => {
    const account = { address: 'demo@gmail.test', phase: 'live', messages: 0, hydrated: 0 } as const
    pages().accounts = [{ ...account, alert: undefined, access: 'send' }]
    const text = await (await pages().browser.get(page)).text()
    assert.match(text, /value="smtp"/)
    assert.doesNotMatch(text, /value="imap"|value="pop3"/)
    pages().accounts = [{ ...account, alert: undefined, access: 'read' }]
    await pages().browser.submit(page, '/passwords', { name: 'x', allow: 'imap', may: 'all' })
    const [row] = await pages().store.clientPasswords((await pages().store.accounts())[0]?.id as never)
    assert.equal(row?.readOnly, true)
  })

  it('show how many programs are connected with each', async () => {
    await pages().browser.submit(page, '/passwords', { name: 'phone', allow: 'imap' })
    const client: ConnectedClient = {
      id: 's1',
      lastCommand: undefined,
      bytesIn: 0,
      bytesOut: 0,
      door: 'imap',
      remoteAddress: '127.0.0.1',
      secure: true,
      program: 'Mail',
      address: 'demo@gmail.test',
      passwordName: 'phone',
      since: 0,
      doing: 'IDLE',
      mailbox: 'INBOX',
    }
    await pages().open({ clients: () => [client, { ...client, passwordName: 'other' }] })
    await expectPage(await pages().browser.get(page), 200, />1 connected</)
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
