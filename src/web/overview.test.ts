import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { expectPage, openPages } from './testing/open-pages.ts'

const pages = openPages()

describe('the overview and the probes', () => {
  it('show where each account stands, and escape what is not theirs', async () => {
    pages().accounts = [
      { address: 'a"<b>@x.test', phase: 'listing', messages: 1200, hydrated: 0, alert: undefined },
      { address: 'b@x.test', phase: 'live', messages: 1, hydrated: 1, alert: undefined },
      { address: 'c@x.test', phase: 'live', messages: 5, hydrated: 2, alert: 'Connect <it> again' },
    ]
    const text = await expectPage(
      await pages().browser.get('/'),
      200,
      /Reading the list of messages: 1,200 messages so far/,
    )
    assert.match(text, /Up to date: 1 message\./)
    assert.match(text, /Connect &lt;it&gt; again/)
    assert.match(text, /a&quot;&lt;b&gt;@x\.test/)
    assert.doesNotMatch(text, /<b>/)
  })

  it('lead who begins through three steps, and show figures only when there is something to show', async () => {
    await pages().open({ clients: () => [], cache: () => ({ diskBytes: 0, hits: 0, misses: 0 }) })
    const text = await expectPage(await pages().browser.get('/'), 200, /No mailbox is connected yet/)
    assert.match(
      text,
      /class="over">\s*<strong>Google access<.*aria-current="step">\s*<strong>Connect a mailbox</s,
    )
    assert.doesNotMatch(text, /Message cache|Connected mail programs|Last troubles|Port/)
    await pages().open({ consent: pages().consentOf(undefined) })
    await expectPage(await pages().browser.get('/'), 200, /aria-current="step">\s*<strong>Google access</)
  })

  it('put what ended first, with the access that it had', async () => {
    pages().accounts = [
      { address: 'a@x.test', phase: 'live', messages: 1, hydrated: 1, alert: undefined },
      { address: 'b@x.test', phase: 'live', messages: 5, hydrated: 5, alert: 'It ended', access: 'read' },
    ]
    const text = await (await pages().browser.get('/')).text()
    assert.match(
      text,
      /Needs you.*It ended.*value="read".*Connect again: b@x\.test.*id="accounts".*a@x\.test/s,
    )
  })

  it('name only servers that some account has a use for', async () => {
    const sender = { address: 'a@x.test', phase: 'live', messages: 0, hydrated: 0, alert: undefined } as const
    pages().accounts = [{ ...sender, access: 'send' }]
    const text = await expectPage(await pages().browser.get('/'), 200, /Ready to send\. Nothing is read\./)
    assert.doesNotMatch(text, /1143/)
  })

  it('answer probes', async () => {
    assert.deepEqual(await (await pages().browser.get('/healthz')).json(), { alive: true })
    assert.equal((await pages().browser.get('/readyz')).status, 200)
    await pages().open({ readiness: () => ({ ready: false, reason: 'The store is being opened' }) })
    const response = await pages().browser.get('/readyz')
    assert.equal(response.status, 503)
    assert.deepEqual(await response.json(), { ready: false, reason: 'The store is being opened' })
  })

  it('keep the reason of a failure to the log', async () => {
    await pages().open({
      accounts: () => {
        throw new Error('sesame')
      },
    })
    const text = await expectPage(await pages().browser.get('/'), 500, /Something went wrong here/)
    assert.doesNotMatch(text, /sesame/)
    assert.match(pages().log.lines.join('\n'), /sesame/)
  })

  it('take more routes behind the same Host check', async () => {
    await pages().open({ routes: (app) => void app.get('/metrics', () => 'metrics') })
    assert.equal(await (await pages().browser.get('/metrics')).text(), 'metrics')
    assert.equal(await pages().raw({ path: '/metrics', headers: { host: 'evil.example' } }), 421)
  })
})
