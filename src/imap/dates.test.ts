import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readDate, readDateTime, writeDateTime } from './dates.ts'
import { Parser, ProtocolError } from './parser.ts'

function date(text: string) {
  const parser = new Parser(Buffer.from(text))
  const day = readDate(parser)
  parser.end()
  return day
}

function dateTime(text: string): number {
  const parser = new Parser(Buffer.from(text))
  const time = readDateTime(parser)
  parser.end()
  return time
}

test('a date is one UTC day, quoted or not, padded or not', () => {
  for (const text of ['1-Feb-1994', '01-feb-1994', '"1-FEB-1994"']) {
    const day = date(text)
    assert.equal(day.number, 19940201)
    assert.equal(new Date(day.startMs).toISOString(), '1994-02-01T00:00:00.000Z')
    assert.equal(new Date(day.endMs).toISOString(), '1994-02-02T00:00:00.000Z')
  }
})

test('a date-time may have its day padded by a space, a zero or nothing', () => {
  const expected = Date.UTC(1996, 6, 7, 9, 44, 25)
  for (const day of [' 7', '07', '7']) assert.equal(dateTime(`"${day}-Jul-1996 02:44:25 -0700"`), expected)
})

for (const text of [
  '0-Jan-2026',
  '30-Feb-2026',
  '29-Feb-2025',
  '1-Foo-2026',
  '1-Jan',
  '1/Jan/2026',
  '"1-Jan-2026',
  '32-Jan-2026',
])
  test(`the date ${text} is refused`, () => {
    assert.throws(() => date(text), ProtocolError)
  })

for (const text of [
  '1-Jan-2026 00:00:00 +0000',
  '"1-Jan-2026 24:00:00 +0000"',
  '"1-Jan-2026 00:00:00 0000"',
  '"1-Jan-2026 00:00:00 +0099"',
  '"1-Jan-2026 00:00:00 UTC"',
  '"1-Jan-2026"',
])
  test(`the date-time ${text} is refused`, () => {
    assert.throws(() => dateTime(text), ProtocolError)
  })

test('INTERNALDATE is written in UTC with the day padded by a space', () => {
  assert.equal(writeDateTime(Date.UTC(1996, 6, 7, 2, 44, 25)), '" 7-Jul-1996 02:44:25 +0000"')
  assert.equal(writeDateTime(0), '" 1-Jan-1970 00:00:00 +0000"')
})

test('a date-time that was written is read back to the second', () => {
  const seconds = fc.integer({ min: Date.UTC(1, 0, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })
  fc.assert(
    fc.property(seconds, (second) => {
      assert.equal(dateTime(writeDateTime(second * 1000)), second * 1000)
    }),
  )
})
