import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeTransferEncoding } from './transfer-encoding.ts'

function decoded(text: string, encoding: string): string | undefined {
  return decodeTransferEncoding(Buffer.from(text, 'latin1'), encoding)?.toString('latin1')
}

for (const [text, plain] of [
  ['a=3Db', 'a=b'],
  ['a=3db', 'a=b'],
  ['soft=\r\nbreak', 'softbreak'],
  ['soft= \t\r\nbreak', 'softbreak'],
  ['soft=\nbreak', 'softbreak'],
  ['blank at end  \r\nnext', 'blank at end\r\nnext'],
  ['blank said=20 \r\nnext', 'blank said \r\nnext'],
  ['broken =ZZ and =4', 'broken =ZZ and =4'],
  ['end=', 'end'],
  ['a\rb', 'a\rb'],
  ['8-bit \xe4', '8-bit \xe4'],
  ['line\nline \n', 'line\nline\n'],
  // RFC 2045 section 6.7.
  [
    "Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.",
    "Now's the time for all folk to come to the aid of their country.",
  ],
] as const)
  test(`quoted-printable: ${JSON.stringify(text)}`, () => {
    assert.equal(decoded(text, 'Quoted-Printable'), plain)
  })

for (const [text, plain] of [
  ['SGVsbG8=', 'Hello'],
  ['SGVs\r\nbG8=\r\n', 'Hello'],
  ['SG!Vs,bG8', 'Hello'],
  ['SGVsbG8=SGVsbG8=', 'HelloHello'],
  ['====', ''],
  ['', ''],
  ['S', ''],
] as const)
  test(`base64: ${JSON.stringify(text)}`, () => {
    assert.equal(decoded(text, 'BASE64'), plain)
  })

test('other encodings: identity stays, the unknown is told apart', () => {
  for (const encoding of ['7bit', '8BIT', 'binary', '']) assert.equal(decoded('a=3D', encoding), 'a=3D')
  assert.equal(decoded('a', 'x-uuencode'), undefined)
})

test('base64 in lines comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.integer({ min: 1, max: 80 }), (octets, width) => {
      const lines = Buffer.from(octets)
        .toString('base64')
        .replaceAll(new RegExp(`(.{${width}})`, 'g'), '$1\r\n')
      assert.deepEqual(decodeTransferEncoding(Buffer.from(lines), 'base64'), Buffer.from(octets))
    }),
  )
})
