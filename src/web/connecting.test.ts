import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { isClientPassword } from '#auth/client-password.ts'
import { pressConsentFor } from '#auth/testing/person.ts'
import { Browser } from './testing/browser.ts'
import { call } from './testing/caller.ts'
import type { Answer } from './testing/caller.ts'
import { expectPage, openPages } from './testing/open-pages.ts'

const pages = openPages()

describe('connecting through the page', () => {
  it('shows the first password once, away from the address with the code', async () => {
    const back = await pages().consent()
    const callback = await pages().browser.get(back, { fromOtherSite: true })
    assert.equal(callback.status, 303)
    assert.equal(callback.headers.get('location'), '/shown')
    assert.equal(callback.headers.get('referrer-policy'), 'no-referrer')
    const shown = await pages().browser.get('/shown', { fromOtherSite: true })
    const text = await expectPage(shown, 200, /demo@gmail\.test is connected: Read, change and send/)
    assert.match(text, /1143/)
    const password = /[a-z]{4}(?:-[a-z]{4}){3}/.exec(text)?.[0] ?? ''
    const [account] = await pages().store.accounts()
    assert.ok(account !== undefined)
    const [row] = await pages().store.clientPasswords(account.id)
    assert.ok(row !== undefined && isClientPassword(password, row.hash))
    await expectPage(await pages().browser.get('/shown'), 410, /shown already/)
    assert.deepEqual(pages().connected, ['demo@gmail.test'])
    assert.ok(!pages().log.lines.join('\n').includes(password))
    assert.ok(
      !pages()
        .browser.cookies()
        .some((name) => name.startsWith('postern_flow')),
      'the flow’s cookie is gone',
    )
  })

  it('shows the password to nobody else', async () => {
    await pages().browser.get(await pages().consent())
    await expectPage(await new Browser(pages().web.url).get('/shown'), 410, /shown already/)
    await expectPage(await pages().browser.get('/shown'), 200, /is connected/)
  })

  it('makes no second password when an account is connected again', async () => {
    await pages().browser.get(await pages().consent())
    const again = await pages().browser.get(await pages().consent())
    assert.equal(again.headers.get('location'), '/')
    const [account] = await pages().store.accounts()
    assert.equal((await pages().store.clientPasswords(account?.id as never)).length, 1)
  })

  it('gives a sender a password for SMTP alone, and a reader one that is read-only', async () => {
    for (const [access, account] of [
      ['send', 'demo@gmail.test'],
      ['read', 'peer@gmail.test'],
    ] as const) {
      const begun = await pages().browser.submit('/', '/connect', { access })
      const url = begun.headers.get('location') ?? ''
      await pages().browser.get(await pressConsentFor(pages().google.base, url, 'allow', { account }))
    }
    const rights = []
    for (const { id } of await pages().store.accounts())
      for (const { doors, readOnly } of await pages().store.clientPasswords(id))
        rights.push({ doors, readOnly })
    assert.deepEqual(rights, [
      { doors: ['smtp'], readOnly: false },
      { doors: ['imap', 'pop3'], readOnly: true },
    ])
  })

  it('says what to do when the person denies, and when the same answer comes twice', async () => {
    const denied = await pages().browser.get(await pages().consent('deny'))
    await expectPage(denied, 400, /Access was not given\..*press Allow/s)
    const back = await pages().consent()
    assert.equal((await pages().browser.get(back)).status, 303)
    await expectPage(await pages().browser.get(back), 400, /finished already/)
    assert.equal(pages().google.tokenRequests.length, 1)
  })

  it('says that another account was chosen than the one to be connected again', async () => {
    await pages().store.addAccount('peer@gmail.test')
    pages().accounts = [
      {
        address: 'peer@gmail.test',
        phase: 'live',
        messages: 3,
        hydrated: 3,
        alert: 'Ended.',
        access: 'read',
      },
    ]
    const begun = await pages().browser.submit('/', '/connect')
    const url = begun.headers.get('location') ?? ''
    assert.equal(new URL(url).searchParams.get('login_hint'), 'peer@gmail.test')
    assert.match(new URL(url).searchParams.get('scope') ?? '', /gmail\.readonly$/)
    const asked = new URL(url)
    asked.searchParams.delete('login_hint')
    const back = await pressConsentFor(pages().google.base, asked.href, 'allow', {
      account: 'demo@gmail.test',
    })
    await expectPage(await pages().browser.get(back), 400, /Another Google account was chosen/)
  })

  it('refuses a forged state and another browser’s answer without asking Google', async () => {
    const forged = `/oauth/callback?code=stolen&state=${randomBytes(32).toString('base64url')}`
    await expectPage(await pages().browser.get(forged), 400, /not known here/)
    const back = await pages().consent()
    await expectPage(await new Browser(pages().web.url).get(back), 400, /begun in another browser/)
    assert.equal(pages().google.tokenRequests.length, 0)
    assert.deepEqual(await pages().store.accounts(), [])
  })

  it('keeps two tabs apart', async () => {
    const first = await pages().consent()
    const second = await pages().consent()
    assert.equal((await pages().browser.get(first)).status, 303)
    assert.equal((await pages().browser.get(second)).status, 303)
  })

  it('takes the last address by hand from a browser on another machine', async () => {
    const back = await pages().consent()
    const wrong = await pages().browser.submit('/', '/connect/finish', {
      address: 'http://127.0.0.1/elsewhere?code=1',
    })
    await expectPage(wrong, 400, /not the address/)
    const finished = await pages().browser.submit('/', '/connect/finish', { address: ` ${back} ` })
    assert.equal(finished.headers.get('location'), '/shown')
  })

  it('explains a smaller access than was asked for, and leads to asking again', async () => {
    const begun = await pages().browser.submit('/', '/connect', { access: 'modify' })
    const url = new URL(begun.headers.get('location') ?? '')
    const modify = 'https://www.googleapis.com/auth/gmail.modify'
    url.searchParams.set('scope', `${modify} https://www.googleapis.com/auth/gmail.readonly`)
    const back = await pressConsentFor(pages().google.base, url.href, 'allow', { untick: [modify] })
    await pages().browser.get(back)
    const text = await expectPage(await pages().browser.get('/shown'), 200, /Google gave less/)
    assert.match(text, /Asked for: <strong>Read, change and send<.*Given: <strong>Read only</s)
    assert.match(text, /class="yes">Reading mail.*class="no">Marking.*class="no">Sending/s)
    assert.match(text, /href="\/access\?account=demo%40gmail\.test&amp;access=modify">Ask Google again/)
    pages().accounts = [
      {
        address: 'demo@gmail.test',
        phase: 'live',
        messages: 0,
        hydrated: 0,
        alert: undefined,
        access: 'read',
      },
    ]
    const access = '/access?account=demo%40gmail.test&access=modify'
    await expectPage(await pages().browser.get(access), 200, /value="modify" checked/)
    const again = await pages().browser.submit(access, '/connect', { access: 'modify' })
    const asked = new URL(again.headers.get('location') ?? '')
    assert.equal(asked.searchParams.get('login_hint'), 'demo@gmail.test')
    assert.match(asked.searchParams.get('scope') ?? '', /gmail\.modify/)
    await expectPage(await pages().browser.get('/access?account=nobody'), 404, /no such account/)
  })

  it('tells a browser on another machine what to carry over, and takes it', async () => {
    await pages().open({ hostNames: ['postern.test'] })
    const { web } = pages()
    const { port } = new URL(web.url)
    const host = `postern.test:${port}`
    const seen = await call(web.url, { headers: { host } })
    const cookie = cookiesOf(seen)
    const post = (path: string, fields: Record<string, string>, cookies: string) =>
      call(new URL(path, web.url), {
        method: 'POST',
        headers: { host, cookie: cookies, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token: tokenIn(seen.text), ...fields }).toString(),
      })
    const begun = await post('/connect', { access: 'modify' }, cookie)
    assert.equal(begun.status, 200)
    assert.match(begun.text, /Open Google’s page<.*Copy the address.*action="\/connect\/finish"/s)
    const url = /href="([^"]+)" target="_blank"/.exec(begun.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const back = await pressConsentFor(pages().google.base, url, 'allow')
    assert.ok(back.startsWith(`http://127.0.0.1:${port}/oauth/callback?`), back)
    const done = await post('/connect/finish', { address: back }, `${cookie}; ${cookiesOf(begun)}`)
    assert.equal(done.headers.location, '/shown')
  })

  it('never says what Google or a stranger wrote', async () => {
    const begun = await pages().browser.submit('/', '/connect', { access: 'modify' })
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? ''
    const query = new URLSearchParams({ state, error: '<b>sesame</b>', error_description: 'sesame' })
    const text = await (await pages().browser.get(`/oauth/callback?${query.toString()}`)).text()
    assert.doesNotMatch(text, /sesame/)
  })

  it('says what is missing without an OAuth client', async () => {
    await pages().open({ consent: pages().consentOf(undefined) })
    await expectPage(await pages().browser.get('/'), 200, /no OAuth client of Google yet.*href="\/google"/s)
  })
})

function cookiesOf({ headers }: Answer): string {
  return (headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
}

function tokenIn(text: string): string {
  return /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
}
