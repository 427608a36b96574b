import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Parser, ProtocolError } from '../parser.ts'
import { readFetchArguments } from './arguments.ts'

function labels(text: string, uid = false): string[] {
  return readFetchArguments(new Parser(Buffer.from(text, 'latin1')), { uid }).items.map(({ label }) => label)
}

const cases: [items: string, labels: string[]][] = [
  ['FLAGS', ['FLAGS']],
  ['flags', ['FLAGS']],
  ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
  ['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
  ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
  ['(FLAGS UID)', ['UID', 'FLAGS']],
  ['(FLAGS FLAGS)', ['FLAGS']],
  ['BODY', ['BODY']],
  ['BODYSTRUCTURE', ['BODYSTRUCTURE']],
  ['BODY[]', ['BODY[]']],
  ['body.peek[]', ['BODY[]']],
  ['BODY[]<0.65536>', ['BODY[]<0>']],
  ['BODY[]<7>', ['BODY[]<7>']],
  ['(BODY[]<0.5> BODY[]<0.6>)', ['BODY[]<0>', 'BODY[]<0>']],
  ['BODY[header]', ['BODY[HEADER]']],
  ['BODY[Text]<7.1>', ['BODY[TEXT]<7>']],
  ['BODY.PEEK[1.2.MIME]', ['BODY[1.2.MIME]']],
  ['BODY[3.header]', ['BODY[3.HEADER]']],
  ['BODY[4294967295]', ['BODY[4294967295]']],
  ['BODY.PEEK[HEADER.FIELDS (Subject TO)]', ['BODY[HEADER.FIELDS (Subject TO)]']],
  ['BODY.PEEK[HEADER.FIELDS ("X-A" "b c" {3}\r\nd\re)]', ['BODY[HEADER.FIELDS (X-A "b c" {3}\r\nd\re)]']],
  ['BODY[2.HEADER.FIELDS.NOT (Received)]<0.10>', ['BODY[2.HEADER.FIELDS.NOT (Received)]<0>']],
  ['RFC822', ['RFC822']],
  ['RFC822.PEEK', ['RFC822']],
  ['(RFC822.HEADER RFC822.TEXT RFC822.SIZE)', ['RFC822.HEADER', 'RFC822.TEXT', 'RFC822.SIZE']],
  ['BINARY[1]', ['BINARY[1]']],
  ['BINARY.PEEK[1.1]<3.4>', ['BINARY[1.1]<3>']],
  ['BINARY.SIZE[2]', ['BINARY.SIZE[2]']],
  ['BINARY.PEEK[1.mime]', ['BINARY[1.MIME]']],
  ['BINARY.SIZE[2.header.fields (To)]', ['BINARY.SIZE[2.HEADER.FIELDS (To)]']],
  ['(PREVIEW (LAZY) FLAGS)', ['PREVIEW', 'FLAGS']],
  ['PREVIEW', ['PREVIEW']],
  ['(EMAILID THREADID X-GM-MSGID X-GM-THRID)', ['EMAILID', 'THREADID', 'X-GM-MSGID', 'X-GM-THRID']],
  ['FLAGS (CHANGEDSINCE 0)', ['FLAGS', 'MODSEQ']],
  ['(FLAGS MODSEQ) (CHANGEDSINCE 12)', ['FLAGS', 'MODSEQ']],
]
for (const [items, expected] of cases)
  test(`${JSON.stringify(items)} is answered as ${expected.join(' ')}`, () => {
    assert.deepEqual(labels(` 1 ${items}`), expected)
  })

test('UID FETCH is answered with UID first, asked for or not', () => {
  assert.deepEqual(labels(' 1 FLAGS', true), ['UID', 'FLAGS'])
  assert.deepEqual(labels(' 1 (FLAGS UID)', true), ['UID', 'FLAGS'])
})

for (const bad of [
  '',
  ' 1',
  ' 1 ',
  ' 0 FLAGS',
  ' 4294967296 FLAGS',
  ' 1 ()',
  ' 1 (FLAGS',
  ' 1 FLAGS)',
  ' 1 NONSENSE',
  ' 1 BODY.PEEK',
  ' 1 BODY[',
  ' 1 BODY[0]',
  ' 1 BODY[1.]',
  ' 1 BODY[.1]',
  ' 1 BODY[1..2]',
  ' 1 BODY[01]',
  ' 1 BODY[4294967296]',
  ' 1 BODY[99999999999999999999]',
  ' 1 BODY[MIME]',
  ' 1 BODY[1.FOO]',
  ' 1 BODY[HEADER.FIELDS]',
  ' 1 BODY[HEADER.FIELDS ()]',
  ' 1 BODY[HEADER (X)]',
  ' 1 BODY[]<0',
  ' 1 BODY[]<>',
  ' 1 BODY[]<0.0>',
  ' 1 BODY[]<-1.5>',
  ' 1 BODY[]<1e3.5>',
  ' 1 BINARY[MIME]',
  ' 1 BINARY.SIZE[1]<0.1>',
  ' 1 FLAGS (VANISHED)',
  ' 1 FLAGS (CHANGEDSINCE)',
  ' 1 FLAGS (CHANGEDSINCE 9223372036854775808)',
  ` 1 (${Array.from({ length: 501 }, (_, i) => `BODY[${i + 1}]`).join(' ')})`,
])
  test(`FETCH${bad.slice(0, 50)} is refused`, () => {
    assert.throws(() => labels(bad), ProtocolError)
  })
