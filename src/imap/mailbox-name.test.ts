import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readMailboxName, writeMailboxName } from './mailbox-name.ts'
import { Parser, ProtocolError } from './parser.ts'

const noControls = fc
  .string({ unit: 'binary', maxLength: 40 })
  .filter((name) => !/[\x00-\x1f\x7f]/.test(name) && !/^inbox(\/|$)/i.test(name))

function read(text: string, utf8 = false): string {
  return readMailboxName(Buffer.from(text, 'latin1'), utf8)
}

/** What a client that parses our answer sends back. */
function octetsOf(written: string): Buffer {
  return new Parser(Buffer.from(written, 'latin1')).astring()
}

for (const utf8 of [false, true])
  test(`a name that was written is read back as it was, ${utf8 ? 'as UTF-8' : 'in modified UTF-7'}`, () => {
    fc.assert(
      fc.property(noControls, (name) => {
        assert.equal(readMailboxName(octetsOf(writeMailboxName(name, utf8)), utf8), name)
      }),
    )
  })

test('what is written is ASCII before UTF-8 is enabled, and never holds a raw line break', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      assert.match(writeMailboxName(name, false), /^"[\x20-\x7e]*"$/)
      const parser = new Parser(Buffer.from(writeMailboxName(name, true), 'latin1'))
      parser.astring()
      parser.end()
    }),
  )
})

test('a name has one spelling: whatever is read as modified UTF-7 without a bare & is written the same way', () => {
  const piece = fc.oneof(
    fc.constantFrom('&', '-', 'A', 'AOQ', ',', '+', 'x', '/', '2D', '3gA'),
    fc.string({ unit: 'grapheme-ascii', maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      let name: string
      try {
        name = read(text)
      } catch (error) {
        assert.ok(error instanceof ProtocolError)
        return
      }
      const spelling = writeMailboxName(name, false).slice(1, -1).replaceAll(/\\(.)/g, '$1')
      if (!/^inbox/i.test(text)) assert.equal(spelling.replaceAll('&-', '&'), text.replaceAll('&-', '&'))
    }),
    { numRuns: 1000 },
  )
})

const names: [octets: string, name: string][] = [
  ['Entw&APw-rfe', 'Entwürfe'],
  ['~peter/mail/&U,BTFw-/&ZeVnLIqe-', '~peter/mail/台北/日本語'],
  ['&2D3eAA-', '😀'],
  ['R&-D', 'R&D'],
  ['&AOQ-&-', 'ä&'],
  // What clients send though it is not lawful.
  ['A & B', 'A & B'],
  ['R&D', 'R&D'],
  ['you&', 'you&'],
  ['Gr\xc3\xbc\xc3\x9fe & mehr', 'Grüße & mehr'],
  ['inbox', 'INBOX'],
  ['InBoX/Work', 'INBOX/Work'],
  ['Inboxes', 'Inboxes'],
]
for (const [octets, name] of names)
  test(`${JSON.stringify(octets)} is read as ${JSON.stringify(name)}`, () => {
    assert.equal(read(octets), name)
  })

const refused: [octets: string, why: string][] = [
  ['&AGE-', 'printable ASCII in base64'],
  ['&AC8-x', 'a delimiter hidden in base64'],
  ['&AA0ACg-', 'line breaks in base64'],
  ['&AAA-', 'NUL in base64'],
  ['&2D0-', 'half of a surrogate pair'],
  ['&AOQ-&APY-', 'two shifts where one would do'],
  ['&AOR-', 'bits left over'],
  ['&AO-', 'half a character'],
  ['&B-', 'less than an octet'],
  ['a\tb', 'a control character'],
  ['\xff\xfe', 'octets that are no UTF-8'],
]
for (const [octets, why] of refused)
  test(`${JSON.stringify(octets)} is refused: ${why}`, () => {
    assert.throws(() => read(octets), ProtocolError)
  })

test('after UTF-8 is enabled an & is an ampersand, also when it looks like a shift', () => {
  assert.equal(read('AT&T-Mobile', true), 'AT&T-Mobile')
  assert.equal(read('Entw&APw-rfe', true), 'Entw&APw-rfe')
})

test('a quote and a backslash in a name are escaped', () => {
  assert.equal(writeMailboxName('a"b\\c', true), String.raw`"a\"b\\c"`)
  assert.equal(writeMailboxName('a"b\\c', false), String.raw`"a\"b\\c"`)
})
