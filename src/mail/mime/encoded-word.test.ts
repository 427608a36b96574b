import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeHeaderText } from './encoded-word.ts'

for (const [text, decoded] of [
  // RFC 2047 section 8.
  ['=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>', 'Keith Moore <moore@cs.utk.edu>'],
  ['=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=', 'Keld Jørn Simonsen'],
  ['=?ISO-8859-1?Q?Andr=E9?= Pirard', 'André Pirard'],
  [
    '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
    'If you can read this you understand the example.',
  ],
  ['(=?ISO-8859-1?Q?a?=)', '(a)'],
  ['(=?ISO-8859-1?Q?a?= b)', '(a b)'],
  ['(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)', '(ab)'],
  ['(=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=)', '(ab)'],
  ['(=?ISO-8859-1?Q?a_b?=)', '(a b)'],
  ['(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)', '(a b)'],
  // RFC 2231 section 5: a language.
  ['=?US-ASCII*EN?Q?Keith_Moore?=', 'Keith Moore'],
  // A character cut in two, in both encodings.
  ['=?UTF-8?Q?=C3?= =?UTF-8?Q?=BC?=', 'ü'],
  ['=?utf-8?B?w7w=?= =?UTF-8?B?w7w=?=', 'üü'],
  // What is none stays.
  ['=?UTF-8?Q?no end', '=?UTF-8?Q?no end'],
  ['=?UTF-8?X?a?=', '=?UTF-8?X?a?='],
  ['=?UTF-8?Q?=?=', '='],
  ['=?a?=?=?=?', '=?a?=?=?=?'],
  ['a =?UTF-8?Q?=zz?=', 'a =zz'],
  ['=?nobody-knows?Q?=41?=', 'A'],
  // Raw octets beside.
  ['Gr\xc3\xbc\xc3\x9fe =?UTF-8?Q?=41?=', 'Grüße A'],
  ['Gr\xfc\xdfe', 'Grüße'],
  ['', ''],
] as const)
  test(`decodeHeaderText reads ${JSON.stringify(text)}`, () => {
    assert.equal(decodeHeaderText(text), decoded)
  })

test('decodeHeaderText reads what it is written in, in any pieces', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (text, size, base64) => {
        const octets = Buffer.from(text.replaceAll(/\p{Surrogate}/gu, ''))
        const words: string[] = []
        for (let at = 0; at < octets.length; at += size) {
          const piece = octets.subarray(at, at + size)
          const content = base64
            ? piece.toString('base64')
            : [...piece].map((octet) => `=${octet.toString(16).padStart(2, '0')}`).join('')
          words.push(`=?utf-8?${base64 ? 'B' : 'q'}?${content}?=`)
        }
        assert.equal(decodeHeaderText(words.join(' ')), octets.toString())
      },
    ),
  )
})
