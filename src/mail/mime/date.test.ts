import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseDate } from './date.ts'

for (const [text, utc, day] of [
  // RFC 5322 appendix A.
  ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06Z', 19971121],
  ['Tue, 1 Jul 2003 10:52:37 +0200', '2003-07-01T08:52:37Z', 20030701],
  ['Thu, 13 Feb 1969 23:32:54 -0330', '1969-02-14T03:02:54Z', 19690213],
  // Appendix A.5 and A.6.2: comments, folding, obsolete forms.
  [
    'Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)',
    '1969-02-14T03:02:00Z',
    19690213,
  ],
  ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06Z', 19971121],
  ['Fri, 21 Nov 1997 09(comment):   55  :  06 -0600', '1997-11-21T15:55:06Z', 19971121],
  // Years: section 4.3.
  ['1 Jan 00 00:00 UT', '2000-01-01T00:00:00Z', 20000101],
  ['1 Jan 49 00:00 UT', '2049-01-01T00:00:00Z', 20490101],
  ['1 Jan 50 00:00 UT', '1950-01-01T00:00:00Z', 19500101],
  ['1 Jan 103 00:00 UT', '2003-01-01T00:00:00Z', 20030101],
  // Zones: section 4.3.
  ['5 Jan 2026 10:00:00 EST', '2026-01-05T15:00:00Z', 20260105],
  ['5 Jan 2026 10:00:00 EDT', '2026-01-05T14:00:00Z', 20260105],
  ['5 Jan 2026 10:00:00 pst', '2026-01-05T18:00:00Z', 20260105],
  ['5 Jan 2026 10:00:00 Z', '2026-01-05T10:00:00Z', 20260105],
  ['5 Jan 2026 10:00:00 CEST', '2026-01-05T10:00:00Z', 20260105],
  ['5 Jan 2026 10:00:00', '2026-01-05T10:00:00Z', 20260105],
  ['5 Jan 2026 10:00:00 GMT+0100', '2026-01-05T09:00:00Z', 20260105],
  ['5 Jan 2026 10:00:00 +01:00', '2026-01-05T09:00:00Z', 20260105],
  // The day is as written, whatever the zone.
  ['31 Dec 2025 23:30:00 -0800', '2026-01-01T07:30:00Z', 20251231],
  ['Mon 5 January 2026 10:00:00 +0000', '2026-01-05T10:00:00Z', 20260105],
  ['Wrongday, 5 jan 2026 10:00:00 +0000', '2026-01-05T10:00:00Z', 20260105],
  ['Thu, 30 Jun 2016 23:59:60 +0000', '2016-07-01T00:00:00Z', 20160630],
  ['29 Feb 2024 00:00:00 +0000', '2024-02-29T00:00:00Z', 20240229],
] as const)
  test(`parseDate reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseDate(text), { time: Date.parse(utc), day })
  })

for (const text of [
  '',
  'the day before yesterday',
  '5 Jan 2026',
  '5 Jan 2026 10',
  '30 Feb 2024 10:00:00 +0000',
  '29 Feb 2025 10:00:00 +0000',
  '0 Jan 2026 10:00:00 +0000',
  '32 Jan 2026 10:00:00 +0000',
  '5 Foo 2026 10:00:00 +0000',
  '5 Jan 2026 24:00:00 +0000',
  '5 Jan 2026 10:60:00 +0000',
  '5 Jan 2026 10:00:61 +0000',
  '5 Jan 2026 10:00:00 +01',
  '5 Jan 2026 10:00:00 +0160',
  '5 Jan 1899 10:00:00 +0000',
  '5 Jan 20260 10:00:00 +0000',
  '5 Jan 6 10:00:00 +0000',
  '-5 Jan 2026 10:00:00 +0000',
  '2026-01-05T10:00:00Z',
  '(5 Jan 2026 10:00:00 +0000',
])
  test(`parseDate cannot read ${JSON.stringify(text)}`, () => {
    assert.equal(parseDate(text), undefined)
  })

test('parseDate reads every date that JavaScript writes as UTC string', () => {
  const date = fc.date({ min: new Date('1900-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(date, (moment) => {
      const seconds = Math.floor(moment.getTime() / 1000) * 1000
      assert.equal(parseDate(moment.toUTCString())?.time, seconds)
    }),
  )
})

test('parseDate never throws', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseDate(text)))
})
