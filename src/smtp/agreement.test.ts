import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Sender } from '#mail/outbox.ts'
import { parseAddresses } from '#mail/mime/address.ts'
import { readHeader } from '#mail/mime/header.ts'
import { agree } from './agreement.ts'
import type { Envelope } from './agreement.ts'
import { Incoming } from './incoming.ts'
import { SubmissionRefusal } from './refusal.ts'

const me = 'ada@gmail.test'
const senders: readonly Sender[] = [
  { address: me, displayName: 'Ada', isDefault: false },
  { address: 'Alias@Other.test', displayName: '', isDefault: true },
]
const full = `From: ${me}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@x.test>\r\n`

/** The message as Gmail gets it, one character per octet. */
function agreed(message: string, recipients: readonly string[], from = me): string {
  const incoming = new Incoming(10_000_000, undefined)
  incoming.write(Buffer.from(message, 'latin1'))
  const { incoming: whole } = incoming.end()
  const envelope: Envelope = { from, recipients }
  const { prefix, without } = agree(whole.bytes, envelope, { senders, now: 0, unique: 'u' })
  return whole.edited(prefix, without).toString('latin1')
}

function refused(message: string, recipients: readonly string[], expected: RegExp): void {
  assert.throws(
    () => agreed(message, recipients),
    (error: unknown) => {
      assert.ok(error instanceof SubmissionRefusal, String(error))
      assert.match(`${error.code} ${error.enhanced} ${error.text}`, expected)
      assert.match(error.text, /^[ -~]{1,480}$/)
      return true
    },
  )
}

test('what is complete and agrees is not touched', () => {
  const message = `${full}To: Bob <bob@example.com>\r\nCc: x: carol@example.com;\r\n\r\nHi\r\n`
  assert.equal(agreed(message, ['carol@example.com', 'BOB@Example.com']), message)
})

test('recipients whom no field names become a Bcc, folded; a Bcc of the client stays', () => {
  const message = `${full}To: bob@example.com\r\nBcc: eve@example.com\r\n\r\nHi\r\n`
  assert.equal(
    agreed(message, ['bob@example.com', 'eve@example.com', 'zoe@example.com', 'Yan@EXAMPLE.com']),
    `Bcc: yan@example.com,\r\n zoe@example.com\r\n${message}`,
  )
})

test('From, Date and Message-ID are added where they are missing', () => {
  const date = 'Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n'
  const to = 'To: bob@example.com\r\n\r\nHi\r\n'
  assert.equal(
    agreed(to, ['bob@example.com']),
    `From: ${me}\r\n${date}Message-ID: <u@gmail.test>\r\n${to}`,
    'the envelope says who',
  )
  assert.match(agreed(to, ['bob@example.com'], ''), /^From: Alias@Other\.test\r\n/, 'else the default sender')
  assert.match(agreed(to, ['bob@example.com'], 'root@localhost'), /^From: Alias@Other\.test\r\n/)
})

test('a message without a header gets one, and its first line stays text', () => {
  assert.match(
    agreed('Backup is done\r\nAll good: yes\r\n', ['bob@example.com']),
    /^From: ada@gmail\.test\r\nBcc: bob@example\.com\r\nDate: [^\r]+\r\nMessage-ID: <u@gmail\.test>\r\n\r\nBackup is done\r\nAll good: yes\r\n$/,
  )
  assert.match(
    agreed('\r\nOnly a body\r\n', ['bob@example.com']),
    /Message-ID: <u@gmail\.test>\r\n\r\nOnly a body\r\n$/,
  )
  assert.match(agreed('', ['bob@example.com']), /Message-ID: <u@gmail\.test>\r\n\r\n$/)
  assert.equal(
    agreed(`${full}To: bob@example.com\r\n`, ['bob@example.com']),
    `${full}To: bob@example.com\r\n`,
  )
})

test('Return-Path goes, wherever it stands and however long it is', () => {
  const path = `Return-Path: <x@y.test>\r\n (folded)\r\n`
  for (const message of [path + full, full + path, `${path}${full}${path}`])
    assert.equal(
      agreed(`${message}To: bob@example.com\r\n\r\nReturn-Path: body\r\n`, ['bob@example.com']),
      `${full}To: bob@example.com\r\n\r\nReturn-Path: body\r\n`,
    )
})

const utf8 = (text: string) => Buffer.from(text).toString('latin1')

test('addresses beyond ASCII are compared as what they are', () => {
  const message = `${full}To: ${utf8('jörg@bücher.example')}\r\n\r\nHi\r\n`
  assert.equal(agreed(message, ['jörg@xn--bcher-kva.example']), message)
  assert.ok(
    agreed(`${full}\r\nHi\r\n`, ['jörg@bücher.example']).startsWith(
      `Bcc: ${utf8('jörg@xn--bcher-kva.example')}\r\n`,
    ),
  )
})

for (const [why, header, expected] of [
  [
    'To outside the envelope',
    `To: bob@example.com, eve@evil.test`,
    /^550 5\.5\.4 .*name eve@evil\.test, whom/,
  ],
  ['Cc outside the envelope', `Cc: eve@evil.test`, /^550 5\.5\.4 .*eve@evil\.test/],
  ['Bcc outside the envelope', `Bcc: eve@evil.test`, /^550 5\.5\.4 .*eve@evil\.test/],
  ['a second To that does', `To: bob@example.com\r\nTo: eve@evil.test`, /eve@evil\.test/],
  ['letter case', `tO: EVE@evil.test`, /eve@evil\.test/],
  ['folding', `To: bob@example.com,\r\n\teve@evil.test`, /eve@evil\.test/],
  ['a group that does', `To: friends: bob@example.com, eve@evil.test;`, /eve@evil\.test/],
  ['a quoted local part', `To: "eve@evil.test x"@example.com`, /^550 5\.1\.3 The field To/],
  ['a source route', `To: <@evil.test:bob@example.com>`, /^550 5\.1\.3 The field To/],
  ['a name without a domain', `Cc: root`, /^550 5\.1\.3 The field Cc/],
  ['a line that is no field', `X: y\r\nno field here`, /^550 5\.6\.0 The header has a line/],
  ['a space before the colon', `To : eve@evil.test`, /^550 5\.6\.0 The header has a line/],
  ['an octet beyond ASCII in a name', `T\xf6: eve@evil.test`, /^550 5\.6\.0 The header has a line/],
] as const)
  test(`${why} is refused`, () => {
    refused(`${full}${header}\r\n\r\nHi\r\n`, ['bob@example.com'], expected)
  })

for (const [why, header, expected] of [
  [
    'somebody else',
    `From: eve@evil.test`,
    /^550 5\.7\.60 From cannot be eve@evil\.test\. Allowed: ada@gmail\.test, Alias@Other\.test/,
  ],
  ['one of two', `From: ${me}, eve@evil.test\r\nSender: ${me}`, /From cannot be eve@evil\.test/],
  ['two without Sender', `From: ${me}, alias@other.test`, /^550 5\.6\.0 From names several/],
  ['two fields', `From: ${me}\r\nFrom: ${me}`, /^550 5\.6\.0 The header has From/],
  ['nobody', `From: undisclosed:;`, /^550 5\.1\.7/],
  ['Sender is somebody else', `From: ${me}\r\nSender: eve@evil.test`, /From cannot be eve@evil\.test/],
  ['plus addressing', `From: ada+x@gmail.test`, /From cannot be ada\+x@gmail\.test/],
] as const)
  test(`From: ${why}`, () => {
    refused(`${header}\r\nTo: bob@example.com\r\n\r\nHi\r\n`, ['bob@example.com'], expected)
  })

test('two authors who both may, with a Sender who may', () => {
  const message = `From: ${me}, Alias <alias@other.test>\r\nSender: ${me}\r\nDate: x\r\nMessage-ID: <1@x>\r\nTo: b@x.test\r\n\r\n`
  assert.equal(agreed(message, ['b@x.test']), message)
})

test('more than a hundred recipients, or none that can be used', () => {
  const many = Array.from({ length: 101 }, (_, n) => `r${n}@example.com`)
  refused(`${full}\r\nHi`, many, /^452 4\.5\.3/)
  refused(`${full}\r\nHi`, ['"x y"@example.com'], /^550 5\.1\.3/)
  refused(`${full}\r\nHi`, [], /^554 5\.5\.1/)
  refused(`${full}To: ${many.join(', ').repeat(12)}\r\n\r\nHi`, ['bob@example.com'], /^550 5\.5\.3/)
})

test('a header without end is refused', () => {
  refused(`X: ${'y'.repeat(900)}\r\n`.repeat(1200), ['bob@example.com'], /^552 5\.3\.4/)
})

test('a redirected message goes as an attachment to those of Resent-To, and not to its old recipients', () => {
  const original =
    'Resent-From: Ada <ada@gmail.test>\r\nResent-To: bob@example.com\r\nResent-Bcc: zoe@example.com\r\n' +
    'Resent-Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nResent-Message-ID: <r@x.test>\r\n' +
    'Resent-To: old@example.com\r\nFrom: carol@example.com\r\nTo: ada@gmail.test, dan@example.com\r\n' +
    'Bcc: secret@example.com\r\nSubject: News\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nText\r\n'
  const text = agreed(original, ['bob@example.com', 'zoe@example.com'])
  const [outer = '', ...inner] = text.split('\r\n\r\n')
  assert.deepEqual(outer.split('\r\n'), [
    'From: Ada <ada@gmail.test>',
    'To: bob@example.com',
    'Bcc: zoe@example.com',
    'Date: Tue, 24 Nov 2026 10:00:00 +0000',
    'Message-ID: <r@x.test>',
    'Subject: Fwd: News',
    'MIME-Version: 1.0',
    'Content-Type: message/rfc822',
    'Content-Disposition: attachment',
    'Content-Transfer-Encoding: 8bit',
  ])
  const attached = inner.join('\r\n\r\n')
  assert.ok(attached.endsWith('Subject: News\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nText\r\n'))
  assert.match(attached, /^From: carol@example\.com\r\nTo: ada@gmail\.test, dan@example\.com\r\n/m)
  assert.doesNotMatch(attached, /bcc|secret|zoe/i)
  refused(original, ['bob@example.com'], /zoe@example\.com/)
  refused(
    original.replace('Ada <ada@gmail.test>', 'eve@evil.test'),
    ['bob@example.com', 'zoe@example.com'],
    /5\.7\.60/,
  )
})

const person = fc.constantFrom('a@x.test', 'B@x.test', 'c.d@y.test', 'e+f@z.test', 'g@xn--bcher-kva.example')
const field = fc.tuple(
  fc.constantFrom('To', 'Cc', 'Bcc', 'X-To', 'to'),
  fc.array(fc.tuple(person, fc.constantFrom('', 'Name', '"Q, r"', '(note)')), { maxLength: 4 }),
)

test('whatever is accepted, To, Cc and Bcc name exactly the recipients', () => {
  fc.assert(
    fc.property(
      fc.array(field, { maxLength: 4 }),
      fc.uniqueArray(person, { minLength: 1 }),
      (fields, recipients) => {
        const header = fields
          .map(([name, people]) => {
            const list = people.map(([address, phrase]) =>
              phrase === '' ? address : `${phrase} <${address}>`,
            )
            return `${name}: ${list.join(',\r\n ')}\r\n`
          })
          .join('')
        let text: string
        try {
          text = agreed(`${full}${header}\r\nBody\r\n`, recipients)
        } catch (error) {
          assert.ok(error instanceof SubmissionRefusal)
          return
        }
        const read = readHeader(Buffer.from(text, 'latin1'), 0)
        const named = (['to', 'cc', 'bcc'] as const)
          .flatMap((name) => read.all(name))
          .flatMap((value) => parseAddresses(value))
          .map(({ mailbox, host }) => `${mailbox}@${host}`.toLowerCase())
        assert.deepEqual(new Set(named), new Set(recipients.map((one) => one.toLowerCase())))
        assert.ok(text.endsWith('\r\n\r\nBody\r\n'))
      },
    ),
  )
})

test('however it is cut, a message comes in the same, and lone line feeds become CRLF', () => {
  const piece = fc.constantFrom('\r\n', '\n', 'text', '..', '. ', 'x'.repeat(100), 'é', ':')
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''))),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 40 }),
      (octets, sizes) => {
        const incoming = new Incoming(1_000_000, 1)
        for (let at = 0, n = 0; at < octets.length; n++) {
          const size = sizes[n % sizes.length] as number
          incoming.write(octets.subarray(at, at + size))
          at += size
        }
        const expected = octets.toString('latin1').replaceAll(/\r?\n/g, '\r\n')
        assert.equal(incoming.end().incoming.bytes.toString('latin1'), expected)
      },
    ),
  )
})

test('places left out and a prefix of any length give what they should', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ maxLength: 9 }), fc.boolean()), { maxLength: 12 }),
      fc.integer({ min: 0, max: 40_000 }),
      (pieces, prefixBytes) => {
        const incoming = new Incoming(1_000_000, undefined)
        const texts = pieces.map(([text, out]) => [`a${text.replaceAll(/[^ -~]|\./g, 'x')}`, out] as const)
        const without: { start: number; end: number }[] = []
        let at = 0
        for (const [text, out] of texts) {
          if (out) without.push({ start: at, end: at + text.length })
          at += text.length
        }
        incoming.write(Buffer.from(texts.map(([text]) => text).join('')))
        const prefix = Buffer.alloc(prefixBytes, 'P')
        const kept = texts.filter(([, out]) => !out).map(([text]) => text)
        assert.equal(
          incoming.end().incoming.edited(prefix, without).toString('latin1'),
          prefix.toString('latin1') + kept.join(''),
        )
      },
    ),
  )
})
