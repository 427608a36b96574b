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
  /** Tells the client to go on. */
  goOn(): void
}

export interface LiteralAllowance {
  readonly oneBytes: number
  readonly sumBytes: number
  readonly count: number
}

/** What came in. `bytes` of `whole` is the command with its literals inline, line ends inside as CRLF, none at the end. */
export type Incoming =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  /** A literal is too large; `synchronising`: the client waits for an answer and has not sent it. */
  | { readonly kind: 'refused'; readonly firstLine: Buffer; readonly synchronising: boolean }
  /** No more comes. */
  | { readonly kind: 'end' }

const crlf = Buffer.from('\r\n')

/** Reads one command with its literals. Throws LineTooLong; the limit holds for the lines of one command together. */
export async function readWithLiterals(
  reader: LineReader,
  lineLimitBytes: number,
  rules: LiteralRules,
): Promise<Incoming> {
  const firstLine = await reader.line(lineLimitBytes)
  if (firstLine === undefined) return { kind: 'end' }
  let announcement = rules.announced(firstLine)
  if (announcement === undefined) return { kind: 'whole', bytes: firstLine }
  const allowance = rules.allowance(firstLine)
  const pieces: Buffer[] = [firstLine]
  let lines = firstLine.length
  let sum = 0
  for (let count = 1; announcement !== undefined; count++) {
    const { sizeBytes, synchronising } = announcement
    sum += sizeBytes
    if (sizeBytes > allowance.oneBytes || sum > allowance.sumBytes || count > allowance.count)
      return { kind: 'refused', firstLine, synchronising }
    if (synchronising) rules.goOn()
    const literal = await reader.octets(sizeBytes)
    if (literal === undefined) return { kind: 'end' }
    const line = await reader.line(lineLimitBytes - lines)
    if (line === undefined) return { kind: 'end' }
    lines += line.length
    pieces.push(crlf, literal, line)
    announcement = rules.announced(line)
  }
  return { kind: 'whole', bytes: Buffer.concat(pieces) }
}
