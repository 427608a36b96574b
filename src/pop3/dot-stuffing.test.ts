import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { dotStuffed, multiLineEnd } from './dot-stuffing.ts'

/** RFC 1939 section 3, said with a regular expression: a dot before each dot that begins a line. */
function reference(text: string): string {
  return text.replaceAll(/(^|\n)\./g, '$1..')
}

function stuffed(text: string): string {
  return Buffer.concat([...dotStuffed(Buffer.from(text, 'latin1'))]).toString('latin1')
}

test('a dot goes before every dot that begins a line, and nowhere else', () => {
  for (const text of ['', '.', '..', '\r\n.\r\n', 'a.b\r\n.c\r\n..\r\nd.\r\n', '.\n.\n.', 'a\r.b\r\n', '\n.'])
    assert.equal(stuffed(text), reference(text), JSON.stringify(text))
})

test('any mixture of dots and line ends is stuffed as the reference does it', () => {
  const pieces = fc.array(fc.constantFrom('.', '\r\n', '\n', '\r', 'a', 'bc.d', '\r\n.'), { maxLength: 60 })
  fc.assert(
    fc.property(pieces, (words) => {
      const text = words.join('')
      assert.equal(stuffed(text), reference(text))
    }),
  )
})

test('windows meet without a dot lost or doubled, wherever the dots lie', () => {
  const around = 64 * 1024
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 6 }), (offsets) => {
      const octets = Buffer.alloc(3 * around, 'x')
      octets.write('\n.', 10, 'latin1')
      offsets.forEach((offset, index) =>
        octets.write('\n.', (1 + (index % 2)) * around + 10 + offset, 'latin1'),
      )
      const text = octets.toString('latin1')
      assert.equal(stuffed(text), reference(text))
    }),
    { numRuns: 50 },
  )
})

test('what has no dots to double is passed on without a copy', () => {
  const bytes = Buffer.from('Subject: a\r\n\r\nno dots at the start.\r\n'.repeat(10_000))
  const [only, ...others] = dotStuffed(bytes)
  assert.equal(others.length, 0)
  assert.equal(only?.buffer, bytes.buffer)
  assert.equal(only?.length, bytes.length)
})

test('35 MB of nothing but dots on lines of their own take no more memory than the windows they go out in', () => {
  const bytes = Buffer.alloc(35_000_000, '\n.')
  let sent = 0
  let largest = 0
  for (const piece of dotStuffed(bytes)) {
    sent += piece.length
    largest = Math.max(largest, piece.length)
  }
  assert.equal(sent, 35_000_000 * 1.5)
  assert.ok(largest <= 2 * 64 * 1024)
})

test('the end of an answer stands on a line of its own', () => {
  assert.equal(multiLineEnd(Buffer.from('a\r\n')), '.\r\n')
  assert.equal(multiLineEnd(Buffer.from('')), '.\r\n')
  for (const text of ['a', 'a\n', 'a\r', '\n']) assert.equal(multiLineEnd(Buffer.from(text)), '\r\n.\r\n')
})
