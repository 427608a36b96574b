import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { guides } from './clients/guides.ts'
import { expectPage, openPages } from './testing/open-pages.ts'

const pages = openPages()

function askAsOutlook(body: string): Promise<Response> {
  return fetch(new URL('/Autodiscover/Autodiscover.xml', pages().web.url), {
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body,
  })
}

describe('the pages for mail programs', () => {
  beforeEach(() => {
    pages().accounts = ['demo@gmail.test', 'peer@Example.test'].map((address) => ({
      address,
      phase: 'live',
      messages: 0,
      hydrated: 0,
      alert: undefined,
    }))
  })

  it('say the values of this installation, for the account that is meant', async () => {
    for (const { name } of guides) {
      const text = await expectPage(
        await pages().browser.get(`/clients/${name}?account=peer%40example.test`),
        200,
        /peer@Example\.test/,
      )
      assert.ok(name === 'scanner' || name === 'msmtp' || text.includes('1143'), name)
    }
    await expectPage(await pages().browser.get('/clients/none'), 404, /no such page/)
    const strange = await (await pages().browser.get('/clients/mutt?account=<script>')).text()
    assert.ok(strange.includes('demo@gmail.test') && !strange.includes('<script>'))
  })

  it('name the host by which a person came where every address listens', async () => {
    await pages().open({
      mailServers: () => [{ protocol: 'IMAP', host: '0.0.0.0', port: 1, security: 'TLS' }],
    })
    await expectPage(
      await pages().browser.get('/clients/outlook'),
      200,
      /127\.0\.0\.1, port 1, encryption SSL\/TLS/,
    )
  })

  it('answer programs by the names of connected domains, and by no other', async () => {
    const path = '/mail/config-v1.1.xml?emailaddress=peer@example.test'
    const wellKnown = '/.well-known/autoconfig/mail/config-v1.1.xml'
    for (const host of ['autoconfig.example.test', 'example.test:80', 'autoconfig.gmail.test', '127.0.0.1']) {
      assert.equal(await pages().raw({ path, headers: { host } }), 200, host)
      assert.equal(await pages().raw({ path: wellKnown, headers: { host } }), 200, host)
    }
    for (const host of [
      'autoconfig.evil.test',
      'evil.test',
      'autoconfig.autoconfig.example.test',
      'x.example.test',
    ])
      assert.equal(await pages().raw({ path, headers: { host } }), 421, host)
    assert.equal(await pages().raw({ path: '/clients', headers: { host: 'autoconfig.example.test' } }), 421)
    assert.equal(
      await pages().raw({ path: '/mail/config-v1.1.xml/', headers: { host: 'autoconfig.example.test' } }),
      421,
    )
  })

  it('tell Outlook nothing when it asks nothing', async () => {
    assert.equal((await askAsOutlook('<EMailAddress>a@b.test</EMailAddress>')).status, 200)
    assert.equal((await askAsOutlook('<EMailAddress/>')).status, 400)
    assert.equal((await askAsOutlook('x'.repeat(17_000))).status, 413)
  })

  it('sign the profile and send the authority', async () => {
    await pages().open({ sign: async (content) => Buffer.concat([Buffer.from('signed '), content]) })
    const profile = await pages().browser.get(
      '/clients/apple-mail/postern.mobileconfig?account=peer@example.test',
    )
    assert.equal(profile.headers.get('content-type'), 'application/x-apple-aspen-config')
    assert.match(await profile.text(), /^signed <\?xml.*peer@Example\.test/s)
    const isp = await pages().browser.get('/clients/thunderbird/isp.xml?account=peer@example.test')
    assert.equal(isp.headers.get('content-disposition'), 'attachment; filename="example.test.xml"')
  })
})
