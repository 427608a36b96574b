import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { canonicalLineEnds } from './line-ends.ts'

for (const [name, before, after] of [
  ['a bare LF gets its CR', 'a\nb\n', 'a\r\nb\r\n'],
  ['a bare CR stays', 'a\rb\r\r\n', 'a\rb\r\r\n'],
  ['LF at the start', '\n\n', '\r\n\r\n'],
  ['mixed line ends', 'a\r\nb\nc\r\n', 'a\r\nb\r\nc\r\n'],
] as const)
  test(`canonicalLineEnds: ${name}`, () => {
    assert.equal(canonicalLineEnds(Buffer.from(before)).toString(), after)
  })

test('canonicalLineEnds gives the same buffer when nothing is to do', () => {
  for (const text of ['', 'a', '\r\n', 'a\r\nb\r\n', '\r'.repeat(10)]) {
    const bytes = Buffer.from(text)
    assert.equal(canonicalLineEnds(bytes), bytes)
  }
})

test('canonicalLineEnds does what the plain definition does, also where slices of its search meet', () => {
  const piece = fc.constantFrom('\r', '\n', '\r\n', 'a', '\0', 'x'.repeat(65_535), 'x'.repeat(65_536))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      const result = canonicalLineEnds(Buffer.from(text, 'latin1')).toString('latin1')
      assert.ok(result === text.replaceAll(/(?<!\r)\n/g, '\r\n'))
      assert.equal(canonicalLineEnds(Buffer.from(result, 'latin1')).length, result.length)
    }),
  )
})
