import { characters, Lexer } from './lexer.ts'

/** A Date field that could be read. */
export interface SentDate {
  /** Epoch milliseconds. */
  readonly time: number
  /** The calendar day as it is written, as the number YYYYMMDD, whatever the zone. RFC 9051 section 6.4.4 SENTON. */
  readonly day: number
}

const months = new Map(
  'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ').map((name, index) => [name, index]),
)

/** Minutes from UTC. RFC 5322 section 4.3; the military letters count as UTC there, as does what is unknown. */
const zones = new Map([
  ['edt', -240],
  ['est', -300],
  ['cdt', -300],
  ['cst', -360],
  ['mdt', -360],
  ['mst', -420],
  ['pdt', -420],
  ['pst', -480],
])

const afterWord = characters(' \t\r\n(,:')
const afterZone = characters(' \t\r\n(,')

/**
 * Reads a date-time, obsolete forms too: comments, two- and three-digit years, named zones, no seconds, no zone (taken
 * as UTC). Undefined for what is not one, or names a day that does not exist. RFC 5322 sections 3.3 and 4.3.
 */
export function parseDate(text: string): SentDate | undefined {
  const lexer = new Lexer(text)
  const word = () => {
    lexer.gap()
    return lexer.until(afterWord)
  }
  let dayText = word()
  lexer.gap()
  // day-of-week is optional, and some writers forget the comma after it.
  if (lexer.skip(',') || /^[a-z]{3,9}$/i.test(dayText)) dayText = word()
  const month = months.get(word().slice(0, 3).toLowerCase())
  const year = fullYear(word())
  const hour = digits(word(), 2)
  lexer.gap()
  if (!lexer.skip(':')) return undefined
  const minute = digits(word(), 2)
  lexer.gap()
  const second = lexer.skip(':') ? digits(word(), 2) : 0
  lexer.gap()
  const zone = zoneMinutes(lexer.until(afterZone))
  const date = digits(dayText, 2)
  if (month === undefined || year === undefined || date === undefined) return undefined
  if (hour === undefined || minute === undefined || second === undefined || zone === undefined)
    return undefined
  // A leap second is lawful: "second = 2DIGIT", 60 included. RFC 5322 section 3.3.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  if (date < 1 || date > new Date(Date.UTC(year, month + 1, 0)).getUTCDate()) return undefined
  return {
    time: Date.UTC(year, month, date, hour, minute, second) - zone * 60_000,
    day: year * 10_000 + (month + 1) * 100 + date,
  }
}

/** Undefined unless it is 1 to `most` digits. */
function digits(text: string, most: number): number | undefined {
  return text.length <= most && /^\d+$/.test(text) ? Number(text) : undefined
}

/** "00 to 49 … adding 2000, 50 to 99 … adding 1900", three digits: adding 1900. RFC 5322 section 4.3. */
function fullYear(text: string): number | undefined {
  const year = digits(text, 4)
  if (year === undefined || text.length < 2) return undefined
  if (text.length === 2) return year < 50 ? year + 2000 : year + 1900
  if (text.length === 3) return year + 1900
  return year < 1900 ? undefined : year
}

/** Undefined for what is no zone. `GMT+0100` and `+01:00`, both common though not lawful, are read too. */
function zoneMinutes(text: string): number | undefined {
  if (text === '' || /^[a-z]+$/i.test(text)) return zones.get(text.toLowerCase()) ?? 0
  const [, sign, hours, minutes] = /^(?:GMT|UTC?)?([+-])(\d\d):?([0-5]\d)$/i.exec(text) ?? []
  if (sign === undefined) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
