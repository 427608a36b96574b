import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { imapNstring, imapString } from './imap-text.ts'
import { readImapValue } from './testing/imap-value.ts'

for (const [text, written] of [
  ['', '""'],
  ['plain', '"plain"'],
  ['a "b" \\c', String.raw`"a \"b\" \\c"`],
  ['tab\tstays', '"tab\tstays"'],
  ['two\r\nlines', '{10}\r\ntwo\r\nlines'],
  ['Gr\xfc', '{3}\r\nGr\xfc'],
  ['a\0b', '{3}\r\na\x80b'],
  ['\x7f', '{1}\r\n\x7f'],
] as const)
  test(`imapString writes ${JSON.stringify(text)}`, () => {
    assert.equal(imapString(text), written)
  })

test('NIL is not a string', () => {
  assert.equal(imapNstring(undefined), 'NIL')
  assert.equal(imapNstring('NIL'), '"NIL"')
})

test('every text of octets is read back by somebody else', () => {
  const octet = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code))
  fc.assert(
    fc.property(fc.string({ unit: octet }), (text) => assert.equal(readImapValue(imapString(text)), text)),
    { numRuns: 1000 },
  )
})
