import assert from 'node:assert/strict'
import { test } from 'node:test'
import { knowsSentence } from './google.ts'
import { readTranscript, TranscriptError } from './transcript.ts'

const header = 'rfc: 9051 section 6.3.2\nseed: one-message\ndovecot: yes\n\n'

function read(text: string) {
  return readTranscript('t', 't.txt', text, knowsSentence)
}

function refuses(text: string, message: RegExp): void {
  assert.throws(
    () => read(text),
    (error) => error instanceof TranscriptError && message.test(error.message),
  )
}

test('the header says what the transcript needs', () => {
  const { rfc, seed, dovecot, login, doors, steps } = read(`${header}# why\nC: a NOOP\n\nS: a OK\n`)
  assert.deepEqual(
    { rfc, seed, dovecot, login, doors },
    {
      rfc: '9051 section 6.3.2',
      seed: 'one-message',
      dovecot: true,
      login: true,
      doors: ['imap'],
    },
  )
  assert.deepEqual(
    steps.map(({ kind, line }) => [kind, line]),
    [
      ['send', 6],
      ['answer', 8],
    ],
  )
})

test('clients come by the doors of the header', () => {
  assert.deepEqual(read('rfc: 1\ndovecot: no\ndoor: imap, smtps\n\nC: a').doors, ['imap', 'smtps'])
  refuses('rfc: 1\ndovecot: no\ndoor: smtp\n\nC: a', /^t\.txt:1: there is no such door: smtp/)
})

test('mistakes are refused with file and line', () => {
  refuses('seed: x\n\nC: a', /^t\.txt:1: the header says no rfc/)
  refuses('rfc: 9051\nwhat: ever\ndovecot: no\n\nC: a', /^t\.txt:2: not a header line/)
  refuses(`${header}hello`, /^t\.txt:5: neither C:, S: nor G:/)
  refuses(`${header}C: a $name`, /^t\.txt:5: \$name is not bound/)
  refuses(`${header}C: a\nS: ...`, /^t\.txt:6: S: \.\.\. needs an answer after it/)
  refuses(`${header}S: * 1 FETCH (BODY[] {}\nS: )`, /^t\.txt:5: the octets of the literal must stand below/)
  refuses(
    `${header}S: * 1 FETCH (BODY[] {4}\n| abc\nS: )`,
    /^t\.txt:5: the literal below has 5 octets, not 4/,
  )
  refuses(`${header}S: * 1 FETCH (BODY[] {}\n| abc\nC: )`, /^t\.txt:5: the answer must go on with S:/)
  refuses(`${header}S: * 1 FETCH (BODY[] {}\n|= nothing-like-it\nS: )`, /there is no such message/)
})

test('Google does only what it can, and Dovecot has none', () => {
  refuses('rfc: 1\ndovecot: no\n\nG: sings', /^t\.txt:4: Google cannot do this: sings/)
  refuses(`${header}G: delivers simple`, /Dovecot has no Google behind it/)
  assert.equal(
    read('rfc: 1\ndovecot: no, it has no Google\n\nG: delivers simple to Work, INBOX').dovecot,
    'it has no Google',
  )
})
