import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openPages } from './testing/open-pages.ts'

const pages = openPages()

describe('the live feed', () => {
  it('sends what changes, with the policy of every answer, and ends with the pages', async () => {
    const response = await pages().browser.get('/live')
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.ok(response.body !== null)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const until = async (pattern: RegExp) => {
      while (!pattern.test(text)) {
        const { value, done } = await reader.read()
        assert.ok(!done, text)
        text += value
      }
    }
    await until(/data: \{"shape":"[^"]+","parts":\{"live-news":""\}\}\n\n/)
    pages().accounts = [{ address: 'b@x.test', phase: 'live', messages: 1, hydrated: 1, alert: undefined }]
    await until(
      /"account-0":"<p class=\\"quiet\\">Up to date: 1 message\..*"live-news":"1 of 1 mailbox up to date\./,
    )
    await reader.cancel()
  })

  it('has room for twenty', async () => {
    const aborting = new AbortController()
    const look = () => fetch(new URL('/live', pages().web.url), { signal: aborting.signal })
    const streams = await Promise.all(Array.from({ length: 21 }, look))
    const statuses = streams.map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 200).length, 20)
    assert.equal(statuses.filter((status) => status === 503).length, 1)
    aborting.abort()
  })
})
