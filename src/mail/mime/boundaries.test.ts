import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Boundaries } from './boundaries.ts'
import { lineEnd } from './header.ts'

const piece = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('\n', '\r\n', '-', '--', '--b', '--b--', '--alt', '--alt--', ' ', '\t'),
  },
  fc.constantFrom(
    'x'.repeat(63),
    'x'.repeat(64),
    'x'.repeat(65),
    '-'.repeat(70),
    'QUJD\r\n'.repeat(15),
    'a - b -- c',
  ),
)

test('the next delimiter is the one that is met line by line', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const bytes = Buffer.from(pieces.join(''))
      const boundaries = new Boundaries(bytes)
      boundaries.push('b', 0)
      boundaries.push('alt', 1)
      for (let from = 0; from < bytes.length; from = lineEnd(bytes, from)) {
        let at = from
        while (at < bytes.length && boundaries.at(at) === undefined) at = lineEnd(bytes, at)
        assert.deepEqual(boundaries.next(from), boundaries.at(at))
      }
    }),
    { numRuns: 1000 },
  )
})
