import type { Announcement, LiteralAllowance } from '#wire/literal-reader.ts'
import { registry } from './registry.ts'

const LBRACE = 0x7b
const RBRACE = 0x7d
const PLUS = 0x2b
const MINUS = 0x2d

/** Before login nobody needs more than a name and a password. */
const strangersAllowance: LiteralAllowance = {
  oneBytes: 8 * 1024,
  sumBytes: 16 * 1024,
  count: 4,
  discardBytes: 0,
}
const usualAllowance: LiteralAllowance = {
  oneBytes: 100 * 1024,
  sumBytes: 1024 * 1024,
  count: 1000,
  discardBytes: 0,
}
/** A message that is too large is no reason to leave: the client would come back and try again. */
const discardBytes = 256 * 1024 * 1024

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

/** The mailbox of an APPEND or REPLACE comes as a literal, before the message. */
const mailboxFirst = /^\S+ (?:APPEND|(?:UID )?REPLACE \S+) ~?\{\d+[+-]?\}$/i

/**
 * How large the literals of a command may be, by its first line. Only APPEND and REPLACE take more than a few strings.
 * `messageBytes`: of one message; undefined while nobody has logged in.
 */
export function allowance(firstLine: Buffer, messageBytes: number | undefined): LiteralAllowance {
  if (messageBytes === undefined) return strangersAllowance
  const beginning = firstLine.toString('latin1', 0, 400)
  const words = beginning.toUpperCase().split(' ', 3)
  const name = words[1] === 'UID' ? words[2] : words[1]
  if (name === undefined || registry.get(name)?.takesMessage !== true) return usualAllowance
  const all = {
    oneBytes: messageBytes,
    sumBytes: messageBytes + usualAllowance.sumBytes,
    count: usualAllowance.count,
    discardBytes,
  }
  return mailboxFirst.test(beginning) ? { ...all, firstBytes: usualAllowance.oneBytes } : all
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
