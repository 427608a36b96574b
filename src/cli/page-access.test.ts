import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { certificateNames, pageAccess } from './page-access.ts'
import { readConfig, SettingError } from './settings.ts'

function access(environment: Record<string, string>) {
  const { isTls, needsSignIn } = pageAccess(readConfig(environment))
  return { isTls, needsSignIn }
}

describe('pageAccess()', () => {
  test('opens the pages to this machine without signing in and without TLS', () => {
    for (const host of ['127.0.0.1', '127.3.2.1', '::1', 'localhost'])
      assert.deepEqual(access({ POSTERN_HOST: host }), { isTls: false, needsSignIn: false }, host)
  })

  test('demands TLS and the admin password wherever other machines reach them', () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'mail.lan', '127.evil.example']) {
      assert.deepEqual(access({ POSTERN_HOST: host }), { isTls: true, needsSignIn: true }, host)
      assert.deepEqual(access({ POSTERN_WEB_HOST: host }), { isTls: true, needsSignIn: true }, host)
    }
    const inside = { POSTERN_HOST: '0.0.0.0', POSTERN_WEB_HOST: '127.0.0.1' }
    assert.deepEqual(access(inside), { isTls: false, needsSignIn: false })
  })

  test('demands the admin password where a proxy leads to them, and where one is set', () => {
    const signIn = { isTls: false, needsSignIn: true }
    assert.deepEqual(access({ POSTERN_WEB_PUBLIC_URL: 'https://mail.example.org/' }), signIn)
    assert.deepEqual(access({ POSTERN_ADMIN_PASSWORD: 'x'.repeat(12) }), signIn)
    assert.deepEqual(access({ POSTERN_ADMIN_PASSWORD_FILE: '/none' }), signIn)
    assert.deepEqual(access({ POSTERN_WEB_TLS: 'on' }), { isTls: true, needsSignIn: false })
    const proxied = { POSTERN_WEB_HOST: '0.0.0.0', POSTERN_WEB_TLS: 'off' }
    assert.deepEqual(access({ ...proxied, POSTERN_WEB_PUBLIC_URL: 'https://mail.example.org' }), signIn)
  })
})

test('settings of the pages that do not go together are refused in one line without the password', () => {
  for (const [environment, words] of [
    [
      { POSTERN_WEB_HOST: '0.0.0.0', POSTERN_WEB_TLS: 'off' },
      /^POSTERN_WEB_TLS: .*POSTERN_WEB_PUBLIC_URL=https/,
    ],
    [{ POSTERN_ADMIN_PASSWORD: 'hush', POSTERN_ADMIN_PASSWORD_FILE: '/hush' }, /set only one of them$/],
    [{ POSTERN_WEB_PUBLIC_URL: 'http://mail.example.org' }, /must begin with https:/],
    [{ POSTERN_WEB_PUBLIC_URL: 'https://mail.example.org/postern' }, /without a path/],
    [{ POSTERN_WEB_PUBLIC_URL: 'mail.example.org' }, /must be an https:/],
    [{ POSTERN_WEB_TLS: 'maybe' }, /must be one of auto, on, off/],
  ] as const)
    assert.throws(
      () => readConfig(environment),
      (error) => error instanceof SettingError && words.test(error.message) && !/hush|\n/.test(error.message),
      JSON.stringify(environment),
    )
  const off = { POSTERN_WEB_PORT: 'off', POSTERN_WEB_HOST: '0.0.0.0', POSTERN_WEB_TLS: 'off' }
  assert.equal(readConfig(off).webPort, 'off')
})

test('the certificate names the public address only where Postern itself shows it', () => {
  const direct = { POSTERN_WEB_TLS: 'on', POSTERN_WEB_PUBLIC_URL: 'https://mail.example.org:8025' }
  assert.deepEqual(certificateNames(readConfig(direct)), ['127.0.0.1', 'mail.example.org'])
  const proxied = { POSTERN_WEB_PUBLIC_URL: 'https://mail.example.org' }
  assert.deepEqual(certificateNames(readConfig(proxied)), ['127.0.0.1'])
  assert.deepEqual(certificateNames(readConfig({ POSTERN_WEB_HOST: '192.0.2.7' })), [
    '127.0.0.1',
    '192.0.2.7',
  ])
})
