import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as fc from 'fast-check'
import { parseDate } from './date.ts'

it('reads dates in the present and the obsolete forms', () => {
  const expected: [string, number | undefined][] = [
    ['Mon, 2 Jan 2006 15:04:05 -0700', Date.UTC(2006, 0, 2, 22, 4, 5)],
    ['2 Jan 2006 15:04 +0530', Date.UTC(2006, 0, 2, 9, 34)],
    ['Mon, 02 Jan 06 15:04:05 GMT (Greenwich)', Date.UTC(2006, 0, 2, 15, 4, 5)],
    ['2 January 98 15:04:05 EST', Date.UTC(1998, 0, 2, 20, 4, 5)],
    ['2 Jan 103 15:04:05', Date.UTC(2003, 0, 2, 15, 4, 5)],
    ['31 Feb 2006 15:04:05 +0000', undefined],
    ['2 Foo 2006 15:04:05 +0000', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ]
  for (const [text, at] of expected) assert.equal(parseDate(text), at, text)
})

it('reads back every moment that is written as RFC 5322 has it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      const text = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000')
      assert.equal(parseDate(text), seconds * 1000)
    }),
  )
})
