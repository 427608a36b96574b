import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Redaction } from './redaction.ts'

test('one address is one number, whatever its case, and another is another', () => {
  const redaction = new Redaction()
  assert.equal(
    redaction.apply('from Ann@Example.org to <bob+x@mail.example.org>, cc ann@example.org'),
    'from address-1 to <address-2>, cc address-1',
  )
})

test('what opens something is taken out wherever it stands', () => {
  const secrets = [
    'ya29.a0AfH6SMBx_abc-123',
    '1//0gabcDEF-_123456789',
    'GOCSPX-abcdefgh_1234',
    'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl',
    'abcd efgh ijkl mnop',
    'abcd-efgh-ijkl-mnop',
    'c2VjcmV0IGtleSBvZiAzMiBieXRlcyBmb3IgQUVTLTI1Ng==',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ]
  for (const secret of secrets) {
    const text = new Redaction().apply(`{"level":30,"msg":"got ${secret} there","token":"${secret}"}`)
    assert.ok(!text.includes(secret), text)
  }
  assert.doesNotMatch(new Redaction().apply('Authorization: Bearer abc.def'), /abc/)
  assert.doesNotMatch(new Redaction().apply('GET http://h/callback?code=4/0Ab&state=x'), /4\/0Ab|state/)
})

test('fields that hold what people wrote are emptied', () => {
  const line = JSON.stringify({ subject: 'Our "secret" plan', mailbox: 'Divorce', snippet: 'x\\', level: 30 })
  const text = new Redaction().apply(line)
  assert.deepEqual(JSON.parse(text), {
    subject: '[left out]',
    mailbox: '[left out]',
    snippet: '[left out]',
    level: 30,
  })
})

test('what a bug report needs stays', () => {
  const line =
    '{"level":"info","time":"2026-11-25T06:40:16.123Z","session":"imap-17","account":3,"command":"UID FETCH","ms":12,"msg":"done"}'
  assert.equal(new Redaction().apply(line), line)
})
