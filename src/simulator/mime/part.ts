import { decodeWords } from './encoded-words.ts'
import { endOfHeader, headerValue, parseHeaders, parseParameters, type Header } from './headers.ts'
import { decodeTransfer } from './transfer-encoding.ts'

/** One node of a message's tree. Offsets are in the message's octets. */
export interface Part {
  /** '' for the root, '0', '1', '0.0' … below. */
  id: string
  headers: Header[]
  /** `text/plain`, in lower case. */
  type: string
  charset: string
  filename: string
  attachment: boolean
  encoding: string
  bodyStart: number
  bodyEnd: number
  parts: Part[]
}

const depthLimit = 30
const partLimit = 2000

/** The tree of a whole message. Never throws: what cannot be understood is a leaf. Linear in the message's size. */
export function parseMessage(raw: Buffer): Part {
  return parsePart(raw, 0, raw.length, '', 'text/plain', 0, { left: partLimit })
}

function parsePart(
  raw: Buffer,
  start: number,
  end: number,
  id: string,
  defaultType: string,
  depth: number,
  budget: { left: number },
): Part {
  budget.left -= 1
  const bodyStart = endOfHeader(raw, start, end)
  const headers = parseHeaders(raw, start, bodyStart)
  const contentType = parseParameters(headerValue(headers, 'content-type') ?? defaultType)
  const disposition = parseParameters(headerValue(headers, 'content-disposition') ?? '')
  const type = contentType.value.includes('/') ? contentType.value : defaultType
  const part: Part = {
    id,
    headers,
    type,
    charset: contentType.parameters.get('charset') ?? 'utf-8',
    filename: decodeWords(disposition.parameters.get('filename') ?? contentType.parameters.get('name') ?? ''),
    attachment: disposition.value === 'attachment',
    encoding: (headerValue(headers, 'content-transfer-encoding') ?? '').trim().toLowerCase(),
    bodyStart,
    bodyEnd: end,
    parts: [],
  }
  if (depth >= depthLimit) return part
  const child = (number: number) => (id === '' ? `${number}` : `${id}.${number}`)
  const boundary = contentType.parameters.get('boundary')
  if (type.startsWith('multipart/') && boundary !== undefined && boundary !== '') {
    const childType = type === 'multipart/digest' ? 'message/rfc822' : 'text/plain'
    for (const [from, to] of splitAtBoundary(raw, bodyStart, end, boundary)) {
      if (budget.left <= 0) break
      part.parts.push(parsePart(raw, from, to, child(part.parts.length), childType, depth + 1, budget))
    }
  } else if (type === 'message/rfc822' && budget.left > 0 && part.encoding !== 'base64') {
    part.parts.push(parsePart(raw, bodyStart, end, child(0), 'text/plain', depth + 1, budget))
  }
  return part
}

/** The regions between delimiter lines; the line end before a delimiter belongs to the delimiter. RFC 2046 section 5.1.1. */
function splitAtBoundary(raw: Buffer, start: number, end: number, boundary: string): [number, number][] {
  const region = raw.subarray(0, end)
  const delimiter = Buffer.from(`--${boundary}`, 'utf8')
  const regions: [number, number][] = []
  let open: number | undefined
  let at = start
  while (at < end) {
    const found = region.indexOf(delimiter, at)
    if (found < 0) break
    at = found + delimiter.length
    if (found !== start && raw[found - 1] !== 10) continue
    const closing = raw[at] === 45 && raw[at + 1] === 45
    const lineEnd = region.indexOf(10, at)
    const rest = raw.toString(
      'latin1',
      closing ? at + 2 : at,
      Math.min(lineEnd < 0 ? end : lineEnd, at + 200),
    )
    if (rest.trim() !== '') continue
    if (open !== undefined) {
      let close = found
      if (close > open && raw[close - 1] === 10) close -= 1
      if (close > open && raw[close - 1] === 13) close -= 1
      regions.push([open, close])
    }
    open = lineEnd < 0 ? end : lineEnd + 1
    if (closing) return regions
    at = open
  }
  if (open !== undefined && open < end) regions.push([open, end])
  return regions
}

/** The part's octets, decoded. */
export function partBody(raw: Buffer, part: Part): Buffer {
  return decodeTransfer(raw.subarray(part.bodyStart, part.bodyEnd), part.encoding)
}

/** All parts, parents before children. */
export function* walk(part: Part): Generator<Part> {
  yield part
  for (const child of part.parts) yield* walk(child)
}

/** A leaf that a reader shows as text, not as an attachment. */
export function isInlineText(part: Part): boolean {
  return part.parts.length === 0 && part.type.startsWith('text/') && part.filename === '' && !part.attachment
}
