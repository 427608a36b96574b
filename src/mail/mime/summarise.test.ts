import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { simpleParser } from 'mailparser'
import { messages } from '#test/fixtures/messages.ts'
import { addressLimit } from './address.ts'
import { summarise } from './summarise.ts'
import { partLimit } from './structure.ts'
import { checkBody, checkEnvelope } from './testing/imap-grammar.ts'
import { readImapValue, type ImapValue } from './testing/imap-value.ts'

/** Asserts what must hold of every summary. */
function check(bytes: Buffer): ReturnType<typeof summarise> {
  const result = summarise(bytes)
  const { summary, header } = result
  assert.equal(summary.sizeBytes, bytes.length)
  assert.ok(bytes.subarray(0, header.length).equals(header))
  checkEnvelope(readImapValue(summary.envelope))
  checkBody(readImapValue(summary.bodyStructure), true)
  checkBody(readImapValue(summary.body), false)
  for (const text of [summary.envelope, summary.bodyStructure, summary.body])
    // Each octet is said a bounded number of times: From also as Sender and Reply-To, quotes and NULs with an escape.
    assert.ok(text.length <= 8 * bytes.length + 400 * Math.min(partLimit, bytes.length + 1), `${text.length}`)
  for (const list of [summary.references, summary.inReplyTo]) assert.ok(list.length <= 1000)
  return result
}

for (const [name, bytes] of messages) test(`summarise: ${name} gives lawful IMAP`, () => void check(bytes))

test('a simple message', () => {
  const { summary, header } = summarise(messages.get('simple') as Buffer)
  assert.equal(header.toString().endsWith('Subject: Simple\r\n\r\n'), true)
  assert.deepEqual(summary, {
    sizeBytes: 121,
    envelope:
      '("Mon, 5 Jan 2026 10:00:00 +0000" "Simple" (("Ada" NIL "ada" "example.org")) ' +
      '(("Ada" NIL "ada" "example.org")) (("Ada" NIL "ada" "example.org")) (("Ben" NIL "ben" "example.org")) ' +
      'NIL NIL NIL NIL)',
    bodyStructure: '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 8 1 NIL NIL NIL NIL)',
    body: '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 8 1)',
    sentDate: Date.parse('2026-01-05T10:00:00Z'),
    sentDay: 20260105,
    from: 'Ada <ada@example.org>',
    to: 'Ben <ben@example.org>',
    cc: '',
    bcc: '',
    subject: 'Simple',
    rfcMessageId: undefined,
    inReplyTo: [],
    references: [],
  })
})

for (const [name, expected] of [
  ['utf8-headers', { subject: 'Grüße aus 東京', cc: 'Jürgen <jürgen@exämple.org>' }],
  ['8bit-latin1-headers', { subject: 'Café und Käse' }],
  [
    'encoded-words-split',
    {
      subject: 'one word split in three für Euch and plain',
      cc: 'Jörg <joerg@example.org>, Нина <nina@example.org>',
    },
  ],
  ['iso-2022-jp', { subject: '京都' }],
  [
    'group-address',
    {
      to: 'Friends:, ben@example.org, Cara <cara@example.org>, dora@example.org',
      cc: 'undisclosed-recipients:',
    },
  ],
  [
    'list-headers',
    { inReplyTo: ['<one@example.org>'], references: ['<zero@example.org>', '<one@example.org>'] },
  ],
  ['bad-date', { sentDate: undefined, sentDay: undefined }],
  ['no-from', { from: '', subject: 'From nobody' }],
  ['empty', { subject: '', from: '', sizeBytes: 0 }],
] as const)
  test(`summarise: ${name} says ${Object.keys(expected).join(' and ')}`, () => {
    const { summary } = summarise(messages.get(name) as Buffer)
    for (const [key, value] of Object.entries(expected))
      assert.deepEqual(summary[key as keyof typeof summary], value)
  })

test('all fields of a part are in BODYSTRUCTURE', () => {
  const [part] = readImapValue(
    summarise(messages.get('part-headers-full') as Buffer).summary.bodyStructure,
  ) as ImapValue[]
  assert.deepEqual(part, [
    'text',
    'plain',
    ['charset', 'utf-8'],
    '<part1@example.org>',
    'A description',
    '7bit',
    { atom: '1' },
    { atom: '0' },
    'Q2hlY2sgSW50ZWdyaXR5IQ==',
    ['inline', ['filename', 'a.txt', 'size', '1']],
    ['de', 'en'],
    'http://example.org/a',
  ])
})

test('mailparser reads the same subject, date and message id in the fixtures', async () => {
  // mailparser takes the last of two subjects, reads no field after a bad line, and guesses other charsets.
  const others = new Set([
    'duplicate-headers',
    '8bit-latin1-headers',
    'encoded-word-broken',
    'tab-folded',
    'space-before-colon',
    'bare-text',
  ])
  for (const [name, bytes] of messages) {
    if (others.has(name)) continue
    const { summary } = summarise(bytes)
    const theirs = await simpleParser(bytes)
    assert.equal(summary.subject, theirs.subject ?? '', name)
    if (summary.sentDate !== undefined) assert.equal(summary.sentDate, theirs.date?.getTime(), name)
  }
})

test('random octets give lawful IMAP', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => void check(Buffer.from(octets))),
    { numRuns: 500 },
  )
})

test('fixtures with octets changed, cut and doubled give lawful IMAP', () => {
  const fixture = fc.constantFrom(...messages.values())
  const change = fc.record({
    at: fc.nat(),
    octets: fc.uint8Array({ maxLength: 8 }),
    drop: fc.nat({ max: 20 }),
  })
  fc.assert(
    fc.property(
      fixture,
      fixture,
      fc.array(change, { minLength: 1, maxLength: 8 }),
      (first, second, changes) => {
        let bytes: Buffer = Buffer.concat([first, second])
        for (const { at, octets, drop } of changes) {
          const place = at % (bytes.length + 1)
          bytes = Buffer.concat([bytes.subarray(0, place), octets, bytes.subarray(place + drop)])
        }
        check(bytes)
      },
    ),
    { numRuns: 600 },
  )
})

for (const [name, head] of [
  ['100,000 address fields', 'To: a@example.org\r\n'.repeat(100_000)],
  ['a field of 500,000 addresses', `To: ${'a@example.org, '.repeat(500_000)}\r\n`],
  ['a field of a million commas', `To: ${','.repeat(1_000_000)}\r\n`],
  ['a field of a million parentheses', `To: ${'('.repeat(1_000_000)}\r\n`],
  ['a field of a million angle brackets', `To: ${'<'.repeat(1_000_000)}\r\n`],
  ['a field of a million quotes', `To: ${'"'.repeat(1_000_000)}\r\n`],
  ['a million folds', `Subject: x\r\n${' y\r\n'.repeat(1_000_000)}`],
  ['an encoded word of five million letters', `Subject: =?utf-8?Q?${'=41'.repeat(1_700_000)}?=\r\n`],
  ['a million encoded words', `Subject: ${'=?utf-8?Q?a?= '.repeat(300_000)}\r\n`],
  [
    'a million beginnings of encoded words',
    `Subject: ${'=?'.repeat(1_000_000)}${'=?a?q?'.repeat(300_000)}\r\n`,
  ],
  [
    '30,000 continuations',
    `Content-Disposition: attachment${Array.from({ length: 30_000 }, (_, n) => `; filename*${n}*=a`).join('')}\r\n`,
  ],
  ['a million semicolons', `Content-Type: text/plain${';'.repeat(1_000_000)}\r\n`],
  ['100,000 languages', `Content-Language: ${'de,'.repeat(100_000)}\r\n`],
  ['a million message ids', `References: ${'<a@b>'.repeat(1_000_000)}\r\n`],
  ['a header of 12 MB', 'X: y\r\n'.repeat(2_000_000)],
] as const)
  test(`a message with ${name} is summarised within the caps`, () => {
    const { summary } = check(Buffer.from(`${head}\r\nbody\r\n`))
    const addresses = (readImapValue(summary.envelope) as ImapValue[])[5]
    assert.ok(addresses === null || (addresses as ImapValue[]).length <= addressLimit + 2)
    assert.ok(summary.to.length <= 100_000 && summary.subject.length <= 100_000)
  })

test('envelopes of enclosed messages fill BODYSTRUCTURE up to a limit, the others are empty', () => {
  const from = `From: ${'someone@example.org,'.repeat(500)}`
  const { summary } = check(
    Buffer.from(`Content-Type: multipart/digest; boundary=b\n\n${`--b\n\n${from}\n\nx\n`.repeat(1000)}`),
  )
  assert.ok(summary.bodyStructure.length < 2_000_000)
  const parts = readImapValue(summary.bodyStructure) as ImapValue[]
  assert.equal((parts.at(0) as ImapValue[]).length, (parts.at(999) as ImapValue[]).length)
  assert.equal((((parts[0] as ImapValue[])[7] as ImapValue[])[2] as ImapValue[]).length, 500)
  assert.equal(((parts[999] as ImapValue[])[7] as ImapValue[])[2], null)
})
