import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { Browser } from './testing/browser.ts'
import { openPages } from './testing/open-pages.ts'

const pages = openPages()

describe('the defence of the pages', () => {
  it('refuses a Host that is not ours on every path, before routing', async () => {
    for (const path of ['/', '/healthz', '/oauth/callback?code=1&state=2', '/none', '/%', '/style.css'])
      for (const host of ['evil.example', 'evil.example:8025', 'localhost.evil.example', ''])
        assert.ok([400, 421].includes(await pages().raw({ path, headers: { host } })), `${host} ${path}`)
    assert.equal(await pages().raw({ path: '/healthz', headers: { host: 'localhost:1' } }), 200)
  })

  it('refuses a request with two Hosts, of which a proxy may have read the other', async () => {
    const { hostname, port, host } = new URL(pages().web.url)
    const socket = connect({ host: hostname, port: Number(port) }).setEncoding('latin1')
    socket.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [string]
    socket.destroy()
    assert.match(answer, /^HTTP\/1\.1 400 /)
  })

  it('refuses forms that come from elsewhere, whatever they know', async () => {
    await pages().store.addAccount('demo@gmail.test')
    const text = await (await pages().browser.get('/')).text()
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
    const fields = { token, account: 'demo@gmail.test', name: 'x', allow: 'imap' }
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ] as Record<string, string>[])
      for (const path of ['/connect', '/connect/finish', '/passwords', '/passwords/revoke'])
        assert.equal((await pages().browser.post(path, fields, headers)).status, 403, JSON.stringify(headers))
    const [account] = await pages().store.accounts()
    assert.deepEqual(await pages().store.clientPasswords(account?.id as never), [])
    assert.equal((await pages().browser.post('/passwords', fields)).status, 303)
  })

  it('refuses a form without a token, with a wrong one, and with another visitor’s', async () => {
    const text = await (await new Browser(pages().web.url).get('/')).text()
    const foreign = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
    await pages().browser.get('/')
    for (const token of ['', 'x', foreign])
      assert.equal((await pages().browser.post('/connect', { token, access: 'modify' })).status, 403)
    assert.equal((await pages().browser.post('/connect', { access: 'modify' })).status, 403)
  })

  it('sends its policy with every answer, and lets no script run but its own', async () => {
    for (const path of [
      '/',
      '/none',
      '/passwords?account=x',
      '/oauth/callback',
      '/healthz',
      '/shown',
      '/style.css',
    ]) {
      const { headers } = await pages().browser.get(path)
      const policy = headers.get('content-security-policy') ?? ''
      assert.match(
        policy,
        /^default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';/,
        path,
      )
      assert.doesNotMatch(policy, /unsafe/)
      assert.equal(headers.get('cache-control'), 'no-store', path)
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
      assert.equal(headers.get('access-control-allow-origin'), null, path)
    }
    const text = await (await pages().browser.get('/')).text()
    assert.doesNotMatch(text, /<script(?! src="\/script\.js" defer><)|style="| on[a-z]+="/)
    assert.match(
      (await pages().browser.get('/')).headers.get('content-security-policy') ?? '',
      new RegExp(`form-action 'self' ${RegExp.escape(pages().google.base)}`),
    )
  })

  it('refuses long addresses, headers and bodies, and other kinds of body', async () => {
    assert.equal((await pages().browser.get(`/?${'x'.repeat(9000)}`)).status, 414)
    assert.equal((await pages().browser.get('/', { headers: { 'x-long': 'x'.repeat(17_000) } })).status, 431)
    assert.equal((await pages().browser.post('/connect', { token: 'x'.repeat(17_000) })).status, 413)
    const json = await fetch(new URL('/connect', pages().web.url), {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(json.status, 415)
    for (const method of ['PUT', 'DELETE', 'OPTIONS'])
      assert.equal((await fetch(new URL('/connect', pages().web.url), { method })).status, 404)
  })
})
