import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OAuthClientBook } from '#auth/oauth-client-book.ts'
import type { OAuthClient } from '#auth/oauth-client.ts'
import { clientId, clientSecret } from '#auth/testing/google.ts'
import { expectPage, openPages } from './testing/open-pages.ts'

const pages = openPages()

describe('Google access', () => {
  it('takes no client that the environment sets, and none without the form’s token', async () => {
    await expectPage(await pages().browser.get('/google'), 200, /Google access/)
    assert.equal((await pages().browser.post('/google', { clientId: 'x', clientSecret: 'y' })).status, 403)
    const text = await (await pages().browser.get('/')).text()
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
    await expectPage(await pages().browser.post('/google', { token, clientId: 'x' }), 409, /environment sets/)
  })

  it('checks what was pasted with Google, keeps it, and never shows the secret', async () => {
    let kept: OAuthClient | undefined
    const oauthClient: OAuthClientBook = {
      fixed: false,
      current: () => kept,
      check: async (client) => (client.clientSecret === clientSecret ? 'good' : 'wrong'),
      save: async (client) => {
        kept = client
      },
    }
    await pages().open({ oauthClient })
    const wrong = await pages().browser.submit('/google', '/google', {
      clientId,
      clientSecret: 'sesame-wrong',
    })
    const told = await expectPage(wrong, 400, /Google does not know/)
    assert.doesNotMatch(told, /sesame/)
    assert.match(
      told,
      new RegExp(`value="${RegExp.escape(clientId)}"\\s+aria-describedby="complaint" autofocus`),
    )
    const swapped = await pages().browser.submit('/google', '/google', { clientId: 'GOCSPX-sesame' })
    assert.doesNotMatch(await expectPage(swapped, 400, /Exchange/), /sesame/)
    const nonsense = await pages().browser.submit('/google', '/google', { json: '<b>' })
    await expectPage(nonsense, 400, /no JSON file/)
    assert.equal(kept, undefined)
    const right = await pages().browser.submit('/google', '/google', { clientId, clientSecret })
    assert.equal(right.headers.get('location'), '/#connect')
    assert.deepEqual(kept, { clientId, clientSecret })
    const text = await (await pages().browser.get('/google')).text()
    assert.ok(text.includes(clientId) && !text.includes(clientSecret))
  })
})
