import type { Announcement, LiteralAllowance } from '#wire/literal-reader.ts'
import { registry } from './registry.ts'

const LBRACE = 0x7b
const RBRACE = 0x7d
const PLUS = 0x2b
const MINUS = 0x2d

/** Before login nobody needs more than a name and a password. */
const strangersAllowance: LiteralAllowance = { oneBytes: 8 * 1024, sumBytes: 16 * 1024, count: 4 }
const usualAllowance: LiteralAllowance = { oneBytes: 100 * 1024, sumBytes: 1024 * 1024, count: 1000 }

/** `{n}`, `{n+}`, `{n-}`, each also as `~{n}`, at the end of a line. RFC 9051 section 4.3, RFC 7888. */
export function announcedLiteral(line: Buffer): Announcement | undefined {
  let at = line.length - 1
  if (line[at] !== RBRACE) return undefined
  at--
  const synchronising = line[at] !== PLUS && line[at] !== MINUS
  if (!synchronising) at--
  let sizeBytes = 0
  let unit = 1
  let digits = 0
  for (; at >= 0 && isDigit(line[at] as number); at--) {
    sizeBytes += ((line[at] as number) - 0x30) * unit
    unit *= 10
    // More digits than any size: no literal that could be read, so too large for sure.
    if (++digits > 15) return { sizeBytes: Number.MAX_SAFE_INTEGER, synchronising }
  }
  return digits > 0 && line[at] === LBRACE ? { sizeBytes, synchronising } : undefined
}

/** How large the literals of a command may be, by its first line. Only APPEND takes more than a few strings. */
export function allowance(firstLine: Buffer, authenticated: boolean, messageBytes: number): LiteralAllowance {
  if (!authenticated) return strangersAllowance
  const name = firstLine.toString('latin1', 0, 400).split(' ', 2)[1]?.toUpperCase()
  if (name === undefined || registry.get(name)?.takesMessage !== true) return usualAllowance
  return { oneBytes: messageBytes, sumBytes: messageBytes + usualAllowance.sumBytes, count: 100 }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
