import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { messages } from '#test/fixtures/messages.ts'
import { htmlText } from './html-text.ts'
import {
  bodyPieces,
  bodyText,
  headerText,
  searchablePieces,
  searchableText,
  searchLimit,
} from './search-text.ts'
import { leafParts, parseParts, parseStructure, type Part } from './structure.ts'

function textOf(bytes: Buffer): { all: string; body: string } {
  const structure = parseStructure(bytes)
  return { all: searchableText(bytes, structure), body: bodyText(bytes, structure) }
}

for (const [name, inBody, inHeaderOnly] of [
  ['simple', ['Hello.'], ['Subject: Simple', 'ada@example.org']],
  ['quoted-printable', ['Grüße, soft break, loweré'], ['Quoted-Printable']],
  ['base64-untidy', ['Hello, world!'], ['base64']],
  ['iso-2022-jp', ['京都'], ['Subject: 京都']],
  ['unknown-charset', ['café'], []],
  ['8bit-body-undeclared', ['Grüße'], []],
  ['utf8-headers', [], ['Grüße aus 東京', 'jürgen@exämple.org']],
  ['encoded-words-split', [], ['one word split in three für Euch', 'Нина']],
  ['alternative', ['plain', '<p>html</p>', ' html '], ['multipart/alternative']],
  ['rfc822-in-rfc822', ['two letters', 'innermost'], ['Subject: The second', 'Subject: The third']],
  ['rfc2231-filename', [], ['Käse.txt', 'lang und schön und kurz.txt']],
  ['multipart-digest', ['first', 'said to be text', 'second'], ['Subject: two']],
  ['calendar-invitation', ['METHOD:REQUEST'], []],
  ['dsn-report', ['could not be delivered', 'Subject: the original'], []],
  ['folded-boundary-header', ['<p>x</p>'], ['Content-Type: multipart/mixed; boundary= "b"']],
] as const)
  test(`search in ${name}`, () => {
    const { all, body } = textOf(messages.get(name) as Buffer)
    for (const words of inBody) assert.ok(body.includes(words) && all.includes(words), words)
    for (const words of inHeaderOnly) assert.ok(all.includes(words) && !body.includes(words), words)
  })

const encodings = ['7bit', '8bit', 'base64', 'quoted-printable', 'x-unknown', '']
const types = ['text/plain', 'text/html', 'TEXT/x-odd', 'application/pdf', 'nonsense']
const charsets = ['utf-8', 'iso-8859-1', 'utf-16le', 'x-none']
const words = fc
  .array(
    fc.constantFrom(
      'garden',
      ' ',
      'Gr\u00fc\u00dfe',
      '<b>',
      '=\r\n',
      '=C3=BC',
      '\r\n',
      '--',
      '\r\n--b0',
      '&amp;',
      'R8O8w59l',
    ),
  )
  .map((list) => list.join(''))
const leaf = fc
  .tuple(fc.constantFrom(...types), fc.constantFrom(...charsets), fc.constantFrom(...encodings), words)
  .map(
    ([type, charset, encoding, text]) =>
      `Content-Type: ${type}; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${text}`,
  )
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc
      .tuple(fc.nat(2), fc.array(tie('tree'), { maxLength: 4 }), fc.boolean(), words)
      .map(
        ([number, parts, closed, preamble]) =>
          `Content-Type: multipart/mixed; boundary=b${number}\r\n\r\n${preamble}` +
          parts.map((part) => `\r\n--b${number}\r\n${part}`).join('') +
          (closed ? `\r\n--b${number}--\r\nafter` : ''),
      ),
    tie('tree').map((inner) => `Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n${inner}`),
  ),
}))

function leavesOf(part: Part): Part[] {
  const inner = part.message === undefined ? part.children : [part.message]
  return inner.length === 0 ? [part] : inner.flatMap(leavesOf)
}

test('what is read as far as it is wanted says the same as what is searched when the whole structure is known', () => {
  fc.assert(
    fc.property(tree, (text) => {
      const bytes = Buffer.from(text)
      const structure = parseParts(bytes)
      assert.deepEqual([...leafParts(bytes)], leavesOf(structure))
      assertSame(bytes, structure)
    }),
    { numRuns: 1000 },
  )
  for (const bytes of messages.values()) assertSame(bytes, parseParts(bytes))
})

function assertSame(bytes: Buffer, structure: Part): void {
  assert.equal([...bodyPieces(bytes)].join('\n'), bodyText(bytes, structure))
  assert.equal([...searchablePieces(bytes)].join('\n'), searchableText(bytes, structure))
}

test('what is no text is not searched', () => {
  const { body } = textOf(messages.get('pgp-mime-encrypted') as Buffer)
  assert.equal(body, '')
})

test('search texts of anything are made, without an end to what they say', () => {
  const fixture = fc.constantFrom(...messages.values())
  fc.assert(
    fc.property(fixture, fc.nat(), fc.uint8Array({ maxLength: 30 }), (bytes, place, octets) => {
      const at = place % (bytes.length + 1)
      const changed = Buffer.concat([bytes.subarray(0, at), octets, bytes.subarray(at)])
      const { all, body } = textOf(changed)
      // HTML is there twice; hexadecimal "charsets" double.
      assert.ok(body.length <= 4 * changed.length + 100 && all.length <= 6 * changed.length + 1000)
    }),
    { numRuns: 1000 },
  )
})

for (const charset of [
  'utf-7',
  'hex',
  'base64',
  'utf-32',
  'constructor',
  '__proto__',
  'tostring',
  'x'.repeat(5000),
  '',
])
  test(`a charset of ${charset.slice(0, 20)} harms nobody`, () => {
    const { body } = textOf(Buffer.from(`Content-Type: text/plain; charset=${charset}\r\n\r\nwords`))
    assert.equal(typeof body, 'string')
  })

test('a very long text is searched up to the limit', () => {
  const { all, body } = textOf(
    Buffer.from(`Content-Type: text/html\r\n\r\n${'<p>words</p>'.repeat(1_000_000)}`),
  )
  assert.ok(body.length <= searchLimit + 10 && all.length <= searchLimit + 10)
  assert.ok(body.length > searchLimit - 100)
})

for (const [name, values] of [
  ['Subject', ['first', 'second']],
  ['RECEIVED', ['by a', 'by b']],
  ['Receive', []],
  ['', []],
  ['Nothing', []],
] as const)
  test(`headerText of ${JSON.stringify(name)}`, () => {
    assert.deepEqual(headerText(messages.get('duplicate-headers') as Buffer, name), values)
  })

for (const [fixture, name, values] of [
  ['space-before-colon', 'subject', ['Space before the colon']],
  ['encoded-words-split', 'cc', ['Jörg <joerg@example.org>,\tНина <nina@example.org>']],
  ['tab-folded', 'X-Empty', ['']],
  ['tab-folded', 'Subject', ['folded\twith a tab\t\tand two']],
  ['header-only', 'Subject', ['No empty line follows']],
] as const)
  test(`headerText of ${name} in ${fixture}`, () => {
    const bytes = messages.get(fixture) as Buffer
    assert.deepEqual(headerText(bytes.subarray(0, parseStructure(bytes).bodyStart), name), values)
  })

for (const [html, text] of [
  ['<p>M&uuml;l<b>ler</b></p>', ' Müller '],
  ['&#8364; &#xE9; &#x1F600; &amp;amp;', '€ é 😀 &amp;'],
  ['a&nbsp;b&#160;c', 'a b c'],
  ['<td>a<td>b<h1>c</h1>', ' a b c '],
  ['a<!-- not <b> shown -->b', 'a b'],
  ['a <!-- never closed > b', 'a  b'],
  ['3 < 4 and 5', '3 < 4 and 5'],
  ['&bogus; &#99999999; &#x110000; &', '&bogus; &#99999999; &#x110000; &'],
  ['line\r\n   two\tthree', 'line two three'],
  ['<', '<'],
  ['', ''],
] as const)
  test(`htmlText of ${JSON.stringify(html)}`, () => {
    assert.equal(htmlText(html).replaceAll(/ +/g, ' '), text.replaceAll(/ +/g, ' '))
  })
