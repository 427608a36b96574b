import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeCharset } from './charset.ts'

for (const [charset, hex, text] of [
  ['utf-8', 'c3bc', 'ü'],
  ['UTF8', 'fc', 'ü'],
  [undefined, 'c3bc', 'ü'],
  ['us-ascii', 'fc', 'ü'],
  ['iso-8859-1', '80fc', '€ü'],
  ['iso-8859-15', 'a4', '€'],
  ['windows-1251', 'cff0e8', 'При'],
  ['KOI8-R', 'eee9ee', 'НИН'],
  ['iso-2022-jp', '1b2442357e45541b2842', '京都'],
  ['shift_jis', '8b9e9373', '京都'],
  ['euc-jp', 'b5fec5d4', '京都'],
  ['gb2312', 'bea9b6bc', '京都'],
  ['big5', 'a8ca', '京'],
  ['ks_c_5601-1987', 'b0a1', '가'],
  ['utf-7', '2b414f342d', 'î'],
  ['utf-16le', 'fc00', 'ü'],
  ['unicode-1-1-utf-7', '2b414f342d', 'î'],
  ['x-nobody-knows', 'c3bc', 'ü'],
  ['  Latin1 ', 'e4', 'ä'],
] as const)
  test(`decodeCharset reads ${hex} in ${String(charset)}`, () => {
    assert.equal(decodeCharset(Buffer.from(hex, 'hex'), charset), text)
  })

test('decodeCharset never throws, whatever the charset is called', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      'constructor',
      '__proto__',
      'tostring',
      'hex',
      'base64',
      'utf-16',
      'hz-gb-2312',
      'iso-2022-kr',
      'internal',
    ),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), name, (octets, charset) => {
      assert.equal(typeof decodeCharset(Buffer.from(octets), charset), 'string')
    }),
    { numRuns: 1000 },
  )
})
