import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpointsFrom } from './endpoints.ts'

const google = endpointsFrom({})

test('without a word, everything is Google’s', () => {
  assert.equal(google.apiUrl, 'https://gmail.googleapis.com')
  assert.equal(google.tokenUrl, 'https://oauth2.googleapis.com/token')
  assert.equal(google.userInfoUrl, 'https://openidconnect.googleapis.com/v1/userinfo')
})

for (const base of ['http://host:1', 'http://[::1]:1', 'http://host:1/some/gate'])
  for (const end of ['', '/'])
    test(`all lies below ${base}${end}`, () => {
      const address = base + end
      const endpoints = endpointsFrom({ authUrl: address, tokenUrl: address, apiUrl: address })
      assert.deepEqual(endpoints, {
        authUrl: `${base}/o/oauth2/v2/auth`,
        tokenUrl: `${base}/token`,
        tokenInfoUrl: `${base}/tokeninfo`,
        userInfoUrl: `${base}/v1/userinfo`,
        iamUrl: google.iamUrl,
        apiUrl: base,
      })
    })

test('a whole address stays as it is', () => {
  const endpoints = endpointsFrom({
    authUrl: 'http://accounts:1/consent',
    tokenUrl: 'http://oauth:2/v2/token',
    apiUrl: 'http://gmail:3/gate/gmail/v1',
  })
  assert.equal(endpoints.authUrl, 'http://accounts:1/consent')
  assert.equal(endpoints.tokenUrl, 'http://oauth:2/v2/token')
  assert.equal(endpoints.tokenInfoUrl, 'http://oauth:2/v2/tokeninfo')
  assert.equal(endpoints.userInfoUrl, 'http://oauth:2/v1/userinfo')
  assert.equal(endpoints.apiUrl, 'http://gmail:3/gate')
})

test('what is no address on the web is refused', () => {
  for (const apiUrl of ['gmail', 'file:///etc/passwd'])
    assert.throws(() => endpointsFrom({ apiUrl }), RangeError)
})
