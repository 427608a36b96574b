import type { Parser } from './parser.ts'

/** Month names of RFC 9051 section 9, `date-month`. */
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const monthNumbers = new Map(months.map((name, index) => [name.toUpperCase(), index + 1]))

const dayMs = 86_400_000

/** A calendar day without a zone. */
export interface CalendarDay {
  /** As the number YYYYMMDD. */
  readonly number: number
  /** Epoch milliseconds of its start and of its end in UTC, the server's zone. */
  readonly startMs: number
  readonly endMs: number
}

/** date = date-text / DQUOTE date-text DQUOTE; the day may have one digit. RFC 9051 section 9. Throws ProtocolError. */
export function readDate(parser: Parser): CalendarDay {
  const quoted = parser.skip('"')
  const day = readDay(parser)
  if (quoted) parser.expect('"')
  return day
}

/** date-day "-" date-month "-" date-year. */
function readDay(parser: Parser): CalendarDay {
  const day = parser.number('A day', 31)
  parser.expect('-')
  const month = monthNumbers.get(readMonth(parser))
  if (month === undefined) parser.fail('A month must be one of Jan to Dec')
  parser.expect('-')
  const year = parser.number('A year', 9999)
  // date-year = 4DIGIT: `26` is no year of our Lord.
  if (year < 1000) parser.fail('A year has four digits')
  const startMs = utc(year, month, day)
  if (day < 1 || new Date(startMs).getUTCDate() !== day) parser.fail('There is no such day')
  return { number: year * 10_000 + month * 100 + day, startMs, endMs: startMs + dayMs }
}

/** Three letters. An atom would take the hyphen and the year with it. */
function readMonth(parser: Parser): string {
  for (const name of months) if (parser.skip(name)) return name.toUpperCase()
  return ''
}

/** `Date.UTC` takes years below 100 for 19xx. */
function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day)
}

/**
 * date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE, as epoch milliseconds. The day
 * may be padded by a space, a zero or not at all (node-imap). RFC 9051 section 9. Throws ProtocolError.
 */
export function readDateTime(parser: Parser): number {
  parser.expect('"')
  parser.skip(' ')
  const { startMs } = readDay(parser)
  parser.space()
  const hours = parser.number('An hour', 23)
  parser.expect(':')
  const minutes = parser.number('A minute', 59)
  parser.expect(':')
  const seconds = parser.number('A second', 60)
  parser.space()
  const east = parser.skip('+')
  if (!east) parser.expect('-')
  const zone = parser.number('A zone', 9999)
  if (zone % 100 > 59) parser.fail('A zone must be hours and minutes')
  parser.expect('"')
  const zoneMinutes = Math.floor(zone / 100) * 60 + (zone % 100)
  const localMs = startMs + ((hours * 60 + minutes) * 60 + seconds) * 1000
  return localMs - (east ? zoneMinutes : -zoneMinutes) * 60_000
}

/** 00 to 59. */
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
/** The day that was written last: neighbours in a mailbox often came on the same one. */
let lastDay = NaN
let lastDayText = ''

/** INTERNALDATE's text with its quotes, in UTC: `"17-Jul-1996 02:44:25 +0000"`, the day padded by a space. */
export function writeDateTime(epochMs: number): string {
  const day = Math.floor(epochMs / dayMs)
  if (day !== lastDay) {
    lastDayText = dayText(new Date(day * dayMs))
    lastDay = day
  }
  const seconds = Math.floor((epochMs - day * dayMs) / 1000)
  const minutes = (seconds / 60) | 0
  const hours = (minutes / 60) | 0
  return `"${lastDayText} ${twoDigits[hours]}:${twoDigits[minutes - hours * 60]}:${twoDigits[seconds - minutes * 60]} +0000"`
}

function dayText(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2, ' ')
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  return `${day}-${months[date.getUTCMonth()]}-${year}`
}
