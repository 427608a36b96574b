import { badRequest } from '../errors.ts'
import { endOfHeader, parseHeaders, parseParameters } from '../mime/headers.ts'

/** One part of a multipart HTTP body. Both are views of the whole body, not copies. */
export interface BodyPart {
  /** Lower-case names; the last of a name counts. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** The boundary in a Content-Type of this type, or undefined. RFC 2046 section 5.1.1: 1 to 70 characters. */
export function boundaryOf(contentType: string, type: string): string | undefined {
  const { value, parameters } = parseParameters(contentType.slice(0, 1000))
  const boundary = parameters.get('boundary')
  if (value !== type || boundary === undefined) return undefined
  return /^[\x20-\x7e]{1,200}$/.test(boundary) ? boundary : undefined
}

/**
 * The parts between the boundary's lines, each with the octets that belong to it: the line end before a boundary is the
 * boundary's. Lines may end in LF alone. Linear; what stands before the first and after the last boundary is dropped.
 * @throws {GmailError} 400 when there is no boundary or the last one is missing, in Google's words.
 */
export function* partsOf(body: Buffer, boundary: string): Generator<Buffer> {
  const mark = Buffer.from(`--${boundary}`, 'latin1')
  let partStart: number | undefined
  let from = 0
  for (;;) {
    const at = body.indexOf(mark, from)
    if (at < 0)
      throw badRequest(
        partStart === undefined ? 'Malformed multipart body.' : 'Missing end boundary in multipart body.',
      )
    const after = at + mark.length
    from = after
    const line = delimiterLine(body, at, after)
    if (line === undefined) continue
    if (partStart !== undefined) yield body.subarray(partStart, Math.max(partStart, beforeLineEnd(body, at)))
    if (line.last) return
    partStart = line.end
    from = line.end
  }
}

/** A part's header block and body. */
export function readPart(part: Buffer): BodyPart {
  const bodyAt = endOfHeader(part, 0, part.length)
  const fields = parseHeaders(part, 0, bodyAt)
  return {
    headers: new Map(fields.map(({ name, value }) => [name.toLowerCase(), value])),
    body: part.subarray(bodyAt),
  }
}

/** A boundary counts at the beginning of a line, followed by blanks and a line end, or by `--`. */
function delimiterLine(body: Buffer, at: number, after: number): { end: number; last: boolean } | undefined {
  if (at > 0 && body[at - 1] !== 10) return undefined
  if (body[after] === 45 && body[after + 1] === 45) return { end: after + 2, last: true }
  let end = after
  while (body[end] === 32 || body[end] === 9 || body[end] === 13) end += 1
  return body[end] === 10 ? { end: end + 1, last: false } : undefined
}

function beforeLineEnd(body: Buffer, at: number): number {
  if (body[at - 1] !== 10) return at
  return body[at - 2] === 13 ? at - 2 : at - 1
}
