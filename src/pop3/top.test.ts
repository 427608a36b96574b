import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topOf } from './top.ts'

function top(text: string, lines: number): string {
  return topOf(Buffer.from(text, 'latin1'), lines).toString('latin1')
}

const message = 'A: 1\r\nB: 2\r\n\r\none\r\ntwo\r\n\r\nfour'

test('TOP 0 is the header and the empty line', () => {
  assert.equal(top(message, 0), 'A: 1\r\nB: 2\r\n\r\n')
})

test('TOP counts lines of the body, empty ones too, and gives all when there are no more', () => {
  assert.equal(top(message, 1), 'A: 1\r\nB: 2\r\n\r\none\r\n')
  assert.equal(top(message, 3), 'A: 1\r\nB: 2\r\n\r\none\r\ntwo\r\n\r\n')
  for (const lines of [4, 5, 99_999_999]) assert.equal(top(message, lines), message)
})

test('a message may have no body, no header, or nothing at all', () => {
  assert.equal(top('A: 1\r\nB: 2\r\n', 0), 'A: 1\r\nB: 2\r\n')
  assert.equal(top('A: 1', 5), 'A: 1')
  assert.equal(top('\r\nbody\r\nmore\r\n', 1), '\r\nbody\r\n')
  assert.equal(top('', 3), '')
})
