import { decodeCharset } from './charset.ts'
import { decodeHeaderText, decodeParameter } from './encoded-word.ts'
import { fieldNames, lineEnd, matchName, splitHeader, unfoldStart, type FieldNames } from './header.ts'
import { htmlText } from './html-text.ts'
import { leafParts, parseParts, type Part } from './structure.ts'
import { decodeTransferEncoding } from './transfer-encoding.ts'

/** Decoded characters of one message beyond this many are not searched. */
export const searchLimit = 8 * 1024 * 1024
/** Characters of headers beyond this many are searched as they are written. */
const decodedHeaderLimit = 1024 * 1024

/**
 * What SEARCH TEXT looks in: the message's header, the headers of its parts and of enclosed messages, all decoded
 * (encoded-words, RFC 2231 file names), and `bodyText`. Not folded yet. RFC 9051 section 6.4.4. Never throws, at most
 * `searchLimit` characters.
 */
export function searchableText(bytes: Buffer, structure: Part): string {
  return [...new TextCollector(bytes, true).read(structure)].join('\n')
}

/**
 * `searchableText` piece by piece: who finds something in the header need not have the parts told apart. Between the pieces is
 * a line feed.
 */
export function searchablePieces(bytes: Buffer): Generator<string, void, void> {
  return new TextCollector(bytes, true).readOn()
}

/**
 * What SEARCH BODY looks in: the text parts, of enclosed messages too, without transfer encoding and in Unicode. "Unlike
 * TEXT, this does not match any header fields." RFC 9051 section 6.4.4. Of HTML the source and the words that a reader
 * sees. Never throws, at most `searchLimit` characters.
 */
export function bodyText(bytes: Buffer, structure: Part): string {
  return [...new TextCollector(bytes, false).read(structure)].join('\n')
}

/** `bodyText` piece by piece; of the message no more is read than the pieces that are asked for need. */
export function bodyPieces(bytes: Buffer): Generator<string, void, void> {
  return new TextCollector(bytes, false).readLeaves()
}

class TextCollector {
  readonly #bytes: Buffer
  readonly #withHeaders: boolean
  #left = searchLimit
  #headersLeft = decodedHeaderLimit

  constructor(bytes: Buffer, withHeaders: boolean) {
    this.#bytes = bytes
    this.#withHeaders = withHeaders
  }

  read(structure: Part): Generator<string, void, void> {
    return this.#cut(this.#collect(structure))
  }

  readOn(): Generator<string, void, void> {
    return this.#cut(this.#collectOn())
  }

  readLeaves(): Generator<string, void, void> {
    return this.#cut(this.#collectLeaves())
  }

  *#cut(texts: Iterable<string>): Generator<string, void, void> {
    for (const text of texts) {
      if (text === '' || this.#left <= 0) continue
      const piece = text.length > this.#left ? text.slice(0, this.#left) : text
      this.#left -= piece.length
      yield piece
    }
  }

  *#collectOn(): Generator<string, void, void> {
    yield this.#header(0, splitHeader(this.#bytes).bodyStart)
    yield* this.#collect(parseParts(this.#bytes), true)
  }

  /** As deep as the structure, so `depthLimit` calls at most. */
  *#collect(part: Part, hasHeader = !this.#withHeaders): Generator<string, void, void> {
    if (this.#left <= 0) return
    if (!hasHeader) yield this.#header(part.headerStart, part.bodyStart)
    if (this.#withHeaders) yield* fileNames(part)
    for (const child of part.children) yield* this.#collect(child)
    if (part.message !== undefined) yield* this.#collect(part.message)
    else if (part.children.length === 0 && part.mediaType.startsWith('text/')) yield* this.#text(part)
  }

  *#collectLeaves(): Generator<string, void, void> {
    for (const part of leafParts(this.#bytes)) {
      if (this.#left <= 0) return
      if (part.mediaType.startsWith('text/')) yield* this.#text(part)
    }
  }

  /** All fields, a line each. A field is decoded by itself: charsets differ between fields. */
  #header(start: number, end: number): string {
    const text = this.#bytes
      .toString('latin1', start, Math.min(end, start + this.#left))
      .replaceAll(/\r?\n(?=[ \t])/g, '')
    if (Buffer.byteLength(text) === text.length && !text.includes('=?')) return text
    this.#headersLeft -= text.length
    if (this.#headersLeft < 0) return text
    return text
      .split('\n')
      .map((line) => decodeHeaderText(line))
      .join('\n')
  }

  *#text({ bodyStart, bodyEnd, encoding, mediaType, parameters }: Part): Generator<string, void, void> {
    // No encoding makes more than it is given; base64 and quoted-printable make less.
    const body = this.#bytes.subarray(bodyStart, Math.min(bodyEnd, bodyStart + 3 * this.#left))
    const octets = decodeTransferEncoding(body, encoding) ?? body
    const text = decodeCharset(octets.subarray(0, 4 * this.#left), decodeParameter(parameters, 'charset'))
    yield text
    if (mediaType === 'text/html') yield htmlText(text)
  }
}

/** Only where the header says it in pieces or percent signs; else it stands there already. RFC 2231. */
function* fileNames({ disposition, parameters }: Part): Generator<string, void, void> {
  for (const [list, name] of [
    [disposition?.parameters ?? [], 'filename'],
    [parameters, 'name'],
  ] as const)
    if (list.some(([key]) => key.toLowerCase().startsWith(`${name}*`)))
      yield decodeParameter(list, name) ?? ''
}

/** A field is read this many times. */
const repeatLimit = 1000

/** The names asked for last: a search asks for one name of ten thousand headers. */
let lastAsked: { readonly name: string; readonly names: FieldNames } = { name: '', names: fieldNames([]) }

/** The values of a field in Unicode, in order, for SEARCH HEADER. Letter case of the name does not matter. */
export function headerText(header: Buffer, name: string): string[] {
  if (lastAsked.name !== name) lastAsked = { name, names: fieldNames([name]) }
  const { names } = lastAsked
  const values: string[] = []
  for (let at = 0; at < header.length && values.length < repeatLimit;) {
    const found = matchName(names, header, at) !== -1
    const colon = found ? header.indexOf(':', at + name.length) : 0
    at = lineEnd(header, at)
    if (!found) continue
    while (header[at] === 0x20 || header[at] === 0x09) at = lineEnd(header, at)
    values.push(decodeHeaderText(unfoldStart(header, colon + 1, at)))
  }
  return values
}
