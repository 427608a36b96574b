import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { pressConsentFor } from '#auth/testing/person.ts'
import { systemClock } from '#mail/surroundings.ts'
import { LoginThrottle } from '#wire/login-throttle.ts'
import { safePath } from './safe-path.ts'
import { Browser } from './testing/browser.ts'
import { adminPassword, startPages } from './testing/pages.ts'

async function expectPage(response: Response, status: number, pattern: RegExp): Promise<string> {
  const text = await response.text()
  assert.equal(response.status, status, text)
  assert.match(text, pattern)
  return text
}

async function signedIn(url: string): Promise<Browser> {
  const browser = new Browser(url)
  assert.equal((await browser.submit('/', '/sign-in', { password: adminPassword })).status, 303)
  return browser
}

test('who has not signed in finds every path shut, those that do not exist too', async (t) => {
  const { web } = await startPages(t, { routes: (app) => void app.get('/metrics', () => 'metrics') })
  const browser = new Browser(web.url)
  for (const path of [
    '/',
    '/passwords?account=demo@gmail.test',
    '/clients',
    '/clients/ios/postern.mobileconfig',
    '/clients/outlook/autodiscover.xml',
    '/live',
    '/google',
    '/trust',
    '/metrics',
    '/none',
    '/sign-in/../passwords',
    '/%73ign-in',
    '/healthz/',
  ])
    await expectPage(await browser.get(path), 401, /Admin password/)
  for (const path of ['/connect', '/passwords', '/passwords/revoke', '/google', '/sign-out'])
    await expectPage(await browser.post(path, { token: 'x' }), 401, /Admin password/)
})

test('probes, programs and the browsers’ own needs are open', async (t) => {
  const { web } = await startPages(t)
  const browser = new Browser(web.url)
  for (const [path, status] of [
    ['/healthz', 200],
    ['/readyz', 200],
    ['/style.css', 200],
    ['/script.js', 200],
    ['/sign-in', 200],
    ['/mail/config-v1.1.xml?emailaddress=a@b.test', 200],
    ['/trust/authority.pem', 404],
    ['/oauth/callback', 400],
    ['/shown', 410],
  ] as const)
    assert.equal((await browser.get(path)).status, status, path)
})

test('the right password opens the page that was wanted', async (t) => {
  const attempts: string[] = []
  const { web, log } = await startPages(t, {
    signIn: {
      isRight: async (password) => password === adminPassword,
      throttle: new LoginThrottle(systemClock),
      onAttempt: (result, from) => attempts.push(`${result} ${from}`),
    },
  })
  const browser = new Browser(web.url)
  const wrong = await browser.submit('/clients?account=x', '/sign-in', { password: 'sesame' })
  const text = await expectPage(wrong, 403, /role="alert"[^>]*>That was not the admin password/)
  assert.doesNotMatch(text, /sesame/)
  assert.equal((await browser.get('/')).status, 401)
  const right = await browser.submit('/clients?account=x', '/sign-in', { password: adminPassword })
  assert.equal(right.status, 303)
  assert.equal(right.headers.get('location'), '/clients?account=x')
  assert.match(right.headers.getSetCookie().join(), /^postern_visitor=.*; HttpOnly; SameSite=Lax$/)
  await expectPage(await browser.get('/'), 200, /Sign out/)
  assert.equal((await browser.get('/sign-in')).headers.get('location'), '/')
  assert.deepEqual(attempts, ['password 127.0.0.1', 'ok 127.0.0.1'])
  assert.doesNotMatch(log.lines.join('\n'), /sesame|Zwetschgen/)
})

test('nobody signs in from another site', async (t) => {
  const { web } = await startPages(t)
  const fields = { password: adminPassword }
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: web.url.replace('http:', 'https:').replace(/\/$/, '') },
    { 'sec-fetch-site': 'cross-site' },
  ] as Record<string, string>[]) {
    const browser = new Browser(web.url)
    assert.equal((await browser.post('/sign-in', fields, headers)).status, 403)
    assert.deepEqual(browser.cookies(), [])
  }
})

test('signing out ends the session for whoever has its cookie, and what it follows', async (t) => {
  const { web } = await startPages(t)
  const browser = await signedIn(web.url)
  const [copy, other] = [browser.copy(), await signedIn(web.url)]
  const live = await browser.get('/live')
  assert.equal(live.status, 200)
  assert.equal((await browser.submit('/', '/sign-out')).headers.get('location'), '/sign-in')
  assert.deepEqual(browser.cookies(), [])
  assert.equal((await copy.get('/')).status, 401)
  assert.equal((await other.get('/')).status, 200)
  // Ends by itself, or this would not.
  await live.text()
})

test('a session that was quiet for two hours is over', async (t) => {
  const { web, clock } = await startPages(t)
  const browser = await signedIn(web.url)
  clock.advance(2 * 3_600_000 - 1)
  assert.equal((await browser.get('/')).status, 200)
  clock.advance(2 * 3_600_000)
  assert.equal((await browser.get('/')).status, 401)
})

test('signing in anew ends what the cookie opened before', async (t) => {
  const { web } = await startPages(t)
  const browser = await signedIn(web.url)
  const copy = browser.copy()
  assert.equal((await browser.post('/sign-in', { password: adminPassword })).status, 303)
  assert.deepEqual([(await browser.get('/')).status, (await copy.get('/')).status], [200, 401])
})

test('so many may wait for their turn, one more is sent away', async (t) => {
  const answer = Promise.withResolvers<boolean>()
  const arrived = Promise.withResolvers<void>()
  let checks = 0
  const { web } = await startPages(t, {
    signIn: {
      throttle: new LoginThrottle(systemClock),
      isRight(): Promise<boolean> {
        checks += 1
        if (checks === 20) arrived.resolve()
        return answer.promise
      },
    },
  })
  const browser = new Browser(web.url)
  const waiting = Array.from({ length: 20 }, () => browser.post('/sign-in', { password: 'x' }))
  await arrived.promise
  const late = await browser.post('/sign-in', { password: 'x' })
  assert.equal(late.headers.get('retry-after'), '60')
  await expectPage(late, 429, /Too many are trying/)
  answer.resolve(true)
  for (const one of await Promise.all(waiting)) assert.equal(one.status, 303)
  assert.equal((await browser.post('/sign-in', { password: 'x' })).status, 303)
})

test('Google’s answer finds who signed in, and leads back to a page that is open', async (t) => {
  const { web, google, store } = await startPages(t)
  const browser = await signedIn(web.url)
  const connect = async () => {
    const begun = await browser.submit('/', '/connect', { access: 'modify' })
    const back = await pressConsentFor(google.base, begun.headers.get('location') ?? '', 'allow', {})
    return browser.get(back, { fromOtherSite: true })
  }
  assert.equal((await connect()).headers.get('location'), '/shown')
  await expectPage(await browser.get('/shown', { fromOtherSite: true }), 200, /is connected/)
  // A second time there is nothing to show, and the browser still counts as coming from Google.
  assert.equal((await connect()).headers.get('location'), '/')
  await expectPage(await browser.get('/', { fromOtherSite: true }), 200, /Your mailboxes/)
  assert.equal((await store.accounts()).length, 1)
})

test('pages are not opened to other machines without signing in', async (t) => {
  for (const changes of [
    { host: '0.0.0.0' },
    { host: '192.0.2.1' },
    { publicUrl: new URL('https://mail.example.org') },
  ])
    await assert.rejects(startPages(t, { ...changes, signIn: undefined }), RangeError)
})

test('safePath() leads to pages of ours alone', () => {
  for (const path of ['/', '/clients?account=a%40b', '/passwords', '/a//b'])
    assert.equal(safePath(path), path)
  for (const path of [
    null,
    '',
    'clients',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/x/..//evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '/sign-in',
    '/sign-out',
    `/${'x'.repeat(2_000)}`,
  ])
    assert.equal(safePath(path), '/', String(path))
  fc.assert(
    fc.property(fc.stringMatching(/^\/[/\\.:@?#\t\n a-z%]{0,12}$/), (wanted) => {
      const from = 'https://here.example:8025'
      const led = new URL(safePath(wanted), `${from}/sign-in`)
      assert.equal(led.origin, from)
    }),
  )
})
