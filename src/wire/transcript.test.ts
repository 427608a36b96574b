import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RedactedLine } from './transcript.ts'

const known = new Set([
  'SELECT',
  'APPEND',
  'LOGIN',
  'SEARCH',
  'SUBJECT',
  'FETCH',
  'BODY.PEEK',
  'HEADER.FIELDS',
  'PASS',
])

function shown(line: string, words?: number): string {
  // A log copies objects property by property before it writes them.
  const copy = Object.assign({}, new RedactedLine(Buffer.from(line, 'latin1'), known, words))
  return JSON.parse(JSON.stringify(copy)) as string
}

test("of a line there are numbers and known words; what could be a person's is not shown, quoted or not", () => {
  assert.equal(shown('a SELECT "Very \\"private\\""'), 'a SELECT "…"')
  assert.equal(shown('a SELECT "never ends'), 'a SELECT "…"')
  assert.equal(shown('A142 select Private/Things'), 'A142 select …')
  assert.equal(shown('7 SEARCH SUBJECT secret'), '7 SEARCH SUBJECT …')
  assert.equal(
    shown('b FETCH 1:*,7 (BODY.PEEK[HEADER.FIELDS (X-Own)]<0.10>)'),
    'b FETCH 1:*,7 (BODY.PEEK[HEADER.FIELDS (…)]<0.10>)',
  )
})

test('a literal is left out, control characters are escaped, the rest is cut', () => {
  assert.equal(shown('a APPEND x {5+}\r\nhello'), 'a APPEND … {5+}')
  assert.equal(shown('a\x07 "x" \x1b[31m\xff'), '… "…" …[…')
  assert.equal(shown('\t1'), '\\x91')
  assert.equal(shown('1 '.repeat(300)), `${'1 '.repeat(100)}…`)
})

test('what is no tag and no command is not shown: people type passwords everywhere', () => {
  assert.equal(shown('sesame'), '…')
  assert.equal(shown('sesame SELECT x'), '… SELECT …')
})

test('of a line whose arguments are secret only the first words are left', () => {
  assert.equal(shown('a LOGIN ada 123456', 2), 'a LOGIN …')
  assert.equal(shown('PASS 123456', 1), 'PASS …')
})
