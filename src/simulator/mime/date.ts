import { endOfHeader, headerValue, parseHeaders } from './headers.ts'

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const zones = new Map([
  ['ut', 0],
  ['gmt', 0],
  ['z', 0],
  ['est', -300],
  ['edt', -240],
  ['cst', -360],
  ['cdt', -300],
  ['mst', -420],
  ['mdt', -360],
  ['pst', -480],
  ['pdt', -420],
])

/** What the Date header says, epoch milliseconds; undefined when there is none that can be read. RFC 5322 section 3.3. */
export function readDate(raw: Buffer): number | undefined {
  const headers = parseHeaders(raw, 0, endOfHeader(raw, 0, raw.length))
  return parseDate(headerValue(headers, 'date') ?? '')
}

/** With the obsolete forms: comments, two-digit years, named zones. RFC 5322 section 4.3. */
export function parseDate(text: string): number | undefined {
  const plain = text.slice(0, 200).replaceAll(/\([^()]*\)/g, ' ')
  const match =
    /^\s*(?:[a-z]+\s*,)?\s*(\d{1,2})[\s-]+([a-z]{3})[a-z]*[\s-]+(\d{2,4})\s+(\d{1,2})\s*:\s*(\d{2})(?:\s*:\s*(\d{2}))?\s*([+-]\d{4}|[a-z]+)?\s*$/i.exec(
      plain,
    )
  if (!match) return undefined
  const [day, hour, minute, second] = [match[1], match[4], match[5], match[6] ?? '0'].map(Number)
  const month = months.indexOf((match[2] ?? '').toLowerCase())
  if (month < 0 || day === undefined || hour === undefined || minute === undefined || second === undefined)
    return undefined
  if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined
  const written = Number(match[3])
  const year =
    match[3]?.length === 2
      ? written + (written < 50 ? 2000 : 1900)
      : written < 1000
        ? written + 1900
        : written
  const at = Date.UTC(year, month, day, hour, minute, second) - zoneMinutes(match[7]) * 60_000
  // The 31st of a month that has none.
  return new Date(Date.UTC(year, month, day)).getUTCDate() === day ? at : undefined
}

/** East of Greenwich; an unknown name is -0000. RFC 5322 section 4.3. */
function zoneMinutes(zone: string | undefined): number {
  if (zone === undefined) return 0
  const named = zones.get(zone.toLowerCase())
  if (named !== undefined) return named
  if (!/^[+-]\d{4}$/.test(zone)) return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3))
  return zone.startsWith('-') ? -minutes : minutes
}
