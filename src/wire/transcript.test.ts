import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RedactedLine, withoutArguments } from './transcript.ts'

function shown(line: string): string {
  // A log copies objects property by property before it writes them.
  const copy = Object.assign({}, new RedactedLine(Buffer.from(line, 'latin1')))
  return JSON.parse(JSON.stringify(copy)) as string
}

test('strings and literals are not shown, control characters are escaped, the rest is cut', () => {
  assert.equal(shown('a SELECT "Very \\"private\\""'), 'a SELECT "…"')
  assert.equal(shown('a SELECT "never ends'), 'a SELECT "…"')
  assert.equal(shown('a APPEND x {5}\r\nhello'), 'a APPEND x {5}')
  assert.equal(shown('a \x1b[31m\xff'), 'a \\x1b[31m\\xff')
  assert.equal(shown('x'.repeat(300)), `${'x'.repeat(200)}…`)
})

test('of a line whose arguments are secret only the first words are left', () => {
  const line = withoutArguments(Buffer.from('a LOGIN ada sesame'), 2)
  assert.equal(shown(line.toString('latin1')), 'a LOGIN [secret]')
})
