import type { LineReader } from './line-reader.ts'

/** A literal that a line announces at its end. RFC 9051 section 4.3. */
export interface Announcement {
  readonly sizeBytes: number
  /** The client waits for our yes before it sends. */
  readonly synchronising: boolean
}

/** How a protocol with literals wants its commands read. */
export interface LiteralRules {
  /** The literal that this line announces at its end, if it does. */
  announced(line: Buffer): Announcement | undefined
  /** How much one literal of the command, and all of them, may hold; asked at its first literal with its first line. */
  allowance(firstLine: Buffer): LiteralAllowance
  /** Waits for room in memory for a large one; false when none becomes free in time. */
  room(sizeBytes: number): Promise<boolean>
  /** Tells the client to go on. */
  goOn(): void
}

export interface LiteralAllowance {
  readonly oneBytes: number
  /** How much the first one may hold, if that is less. */
  readonly firstBytes?: number
  readonly sumBytes: number
  readonly count: number
  /** How much of what is too large and comes unasked is read and thrown away, so that the client can be answered. */
  readonly discardBytes: number
}

/** A command as it came in. */
export interface Whole {
  readonly kind: 'whole'
  /** Its lines with their literals inline, line ends inside as CRLF, none at the end. */
  readonly bytes: Buffer
  /** Literals too large to be copied are not inline but here, by the place in `bytes` where they would begin. */
  readonly literals: ReadonlyMap<number, Buffer>
}

/** What came in. */
export type Incoming =
  | Whole
  /** A literal is not taken. `comes`: it is sent all the same, so nothing after it can be understood. */
  | { readonly kind: 'refused'; readonly firstLine: Buffer; readonly why: Why; readonly comes: boolean }
  /** No more comes. */
  | { readonly kind: 'end' }

/** Why a literal is not taken: it is too large, or there is no room in memory at the moment. */
type Why = 'too-large' | 'no-room'

const crlf = Buffer.from('\r\n')
const none: ReadonlyMap<number, Buffer> = new Map()
/** Literals from here on are held where they were read: a message is in memory once. */
const apartBytes = 64 * 1024

/** Reads one command with its literals. Throws LineTooLong; the limit holds for the lines of one command together. */
export async function readWithLiterals(
  reader: LineReader,
  lineLimitBytes: number,
  rules: LiteralRules,
): Promise<Incoming> {
  const firstLine = await reader.line(lineLimitBytes)
  if (firstLine === undefined) return { kind: 'end' }
  let announcement = rules.announced(firstLine)
  if (announcement === undefined) return { kind: 'whole', bytes: firstLine, literals: none }
  const allowance = rules.allowance(firstLine)
  const pieces: Buffer[] = [firstLine]
  const literals = new Map<number, Buffer>()
  let length = firstLine.length
  let lines = firstLine.length
  let sum = 0
  for (let count = 1; announcement !== undefined; count++) {
    const { sizeBytes, synchronising } = announcement
    sum += sizeBytes
    const oneBytes = count === 1 ? (allowance.firstBytes ?? allowance.oneBytes) : allowance.oneBytes
    const tooLarge = sizeBytes > oneBytes || sum > allowance.sumBytes || count > allowance.count
    if (tooLarge || (sizeBytes >= apartBytes && !(await rules.room(sizeBytes)))) {
      const why = tooLarge ? 'too-large' : 'no-room'
      const comes = !(await discard(reader, announcement, lineLimitBytes, rules, allowance.discardBytes))
      return { kind: 'refused', firstLine, why, comes }
    }
    if (synchronising) rules.goOn()
    const literal = await reader.octets(sizeBytes)
    if (literal === undefined) return { kind: 'end' }
    const line = await reader.line(lineLimitBytes - lines)
    if (line === undefined) return { kind: 'end' }
    lines += line.length
    pieces.push(crlf)
    length += crlf.length
    if (sizeBytes < apartBytes) {
      pieces.push(literal)
      length += sizeBytes
    } else literals.set(length, literal)
    pieces.push(line)
    length += line.length
    announcement = rules.announced(line)
  }
  return { kind: 'whole', bytes: Buffer.concat(pieces, length), literals }
}

/**
 * Reads the rest of a command that is refused and throws it away, up to where the client waits or the command ends. False
 * when there is too much of it. RFC 7888 section 4.
 */
async function discard(
  reader: LineReader,
  first: Announcement,
  lineLimitBytes: number,
  rules: LiteralRules,
  limitBytes: number,
): Promise<boolean> {
  let left = limitBytes
  let announcement: Announcement | undefined = first
  while (announcement !== undefined && !announcement.synchronising) {
    left -= announcement.sizeBytes
    if (left < 0 || !(await reader.skip(announcement.sizeBytes))) return false
    const line = await reader.line(lineLimitBytes)
    if (line === undefined) return false
    left -= line.length
    announcement = rules.announced(line)
  }
  return true
}
