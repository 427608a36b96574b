import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfig, SettingError, settings } from './settings.ts'

describe('readConfig()', () => {
  test('gives the defaults of design.md section 9 for an empty environment', () => {
    const { imapPort, imapsPort, pop3Port, smtpPort, smtpsPort, webPort, host, pollSeconds } = readConfig({})
    assert.deepEqual(
      { imapPort, imapsPort, pop3Port, smtpPort, smtpsPort, webPort, host, pollSeconds },
      {
        imapPort: 1143,
        imapsPort: 1993,
        pop3Port: 1110,
        smtpPort: 1587,
        smtpsPort: 1465,
        webPort: 8025,
        host: '127.0.0.1',
        pollSeconds: 5,
      },
    )
  })

  test('takes 0 and off as ports, and an empty variable for an unset one', () => {
    const { imapPort, imapsPort, webPort } = readConfig({
      POSTERN_IMAP_PORT: '0',
      POSTERN_IMAPS_PORT: 'OFF',
      POSTERN_WEB_PORT: '',
    })
    assert.deepEqual({ imapPort, imapsPort, webPort }, { imapPort: 0, imapsPort: 'off', webPort: 8025 })
  })

  for (const [variable, value] of [
    ['POSTERN_IMAP_PORT', '65536'],
    ['POSTERN_IMAP_PORT', 'imap'],
    ['POSTERN_WEB_PORT', '-1'],
    ['POSTERN_WEB_PORT', '0x10'],
    ['POSTERN_QUOTA_PER_MINUTE', '1e9'],
    ['POSTERN_PREFETCH', 'some'],
    ['POSTERN_GMAIL_API_URL', 'gmail.googleapis.com'],
    ['POSTERN_GMAIL_API_URL', 'ftp://gmail.googleapis.com'],
    ['POSTERN_GMAIL_API_URL', 'http://gmail.example.com'],
    ['POSTERN_GOOGLE_TOKEN_URL', 'https://user@host/token'],
    ['POSTERN_DATABASE_URL', 'mysql://host/db'],
    ['POSTERN_DATABASE_URL', 'postgres://host:port/db'],
    ['POSTERN_DATABASE_URL', 'postgres://host/db?sslmode=always'],
    ['POSTERN_LOG_LEVEL', 'loud'],
    ['POSTERN_TRACE_RATIO', '2'],
    ['POSTERN_TRACE_RATIO', '-0.1'],
    ['POSTERN_TRACE_RATIO', '1e-1'],
    ['POSTERN_TRACE_URL', 'grpc://127.0.0.1:4317'],
    ['POSTERN_PUBSUB_TOPIC', 'gmail'],
    ['POSTERN_PUBSUB_TOPIC', 'projects/p/subscriptions/s'],
    ['POSTERN_PUBSUB_SUBSCRIPTION', 'projects/../subscriptions/s'],
    ['POSTERN_PUBSUB_SUBSCRIPTION', 'projects/p/subscriptions/s/x'],
    ['POSTERN_PUBSUB_URL', 'http://pubsub.example.com'],
  ] as const)
    test(`refuses ${variable}=${value} in one line that names the variable`, () => {
      assert.throws(
        () => readConfig({ [variable]: value }),
        (error) =>
          error instanceof SettingError &&
          error.message.startsWith(`${variable}: `) &&
          !error.message.includes('\n'),
      )
    })

  test('does not repeat a secret that it refuses', () => {
    assert.throws(
      () => readConfig({ POSTERN_KEY: 'hush', POSTERN_KEY_FILE: '/hush/hush' }),
      (error) => error instanceof SettingError && !error.message.includes('hush'),
    )
  })

  test('does not repeat the password of a database', () => {
    for (const address of ['mysql://postern:hush@host/db', 'postgres://postern:hush@host:x/db'])
      assert.throws(
        () => readConfig({ POSTERN_DATABASE_URL: address }),
        (error) => error instanceof SettingError && !error.message.includes('hush'),
      )
    const address = 'postgresql://postern:hush@host/db?sslmode=require'
    assert.equal(readConfig({ POSTERN_DATABASE_URL: address }).databaseUrl, address)
  })

  test('wants certificate and key together', () => {
    assert.throws(() => readConfig({ POSTERN_TLS_CERT: '/a.crt' }), SettingError)
  })

  test('reads shares of traces, and names of topics with their subscription', () => {
    const names = {
      POSTERN_PUBSUB_TOPIC: 'projects/example.com:mine/topics/gmail',
      POSTERN_PUBSUB_SUBSCRIPTION: 'projects/mine/subscriptions/postern',
    }
    const read = readConfig({ ...names, POSTERN_TRACE_RATIO: '.25' })
    assert.deepEqual([read.traceRatio, read.pubsubTopic], [0.25, names.POSTERN_PUBSUB_TOPIC])
    assert.throws(() => readConfig({ POSTERN_PUBSUB_TOPIC: names.POSTERN_PUBSUB_TOPIC }), SettingError)
  })

  test('permits http to this machine, and to others only when told so', () => {
    assert.equal(
      readConfig({ POSTERN_GMAIL_API_URL: 'http://127.0.0.1:8080/' }).gmailApiUrl,
      'http://127.0.0.1:8080',
    )
    const away = { POSTERN_GMAIL_API_URL: 'http://simulator:8080', POSTERN_ALLOW_HTTP: 'on' }
    assert.equal(readConfig(away).gmailApiUrl, 'http://simulator:8080')
  })
})

test('every setting has its own name and says what it is', () => {
  const names = Object.values(settings).map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  for (const { about } of Object.values(settings)) assert.match(about, /^[A-Z].*\.$/)
})
