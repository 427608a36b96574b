import { beforeDelimiter, Boundaries, countLines, type Delimiter } from './boundaries.ts'
import { readHeader, type Header } from './header.ts'
import { parameter, parseParameterised, type Parameter, type Parameterised } from './parameters.ts'

/** Parts beyond this many, and what is nested deeper, are shown as text of the last part that is told apart. */
export const partLimit = 10_000
export const depthLimit = 100

/**
 * A message or one part of it. Offsets count octets from the start of the bytes that were parsed. Text has one
 * character per octet, as it stands in the header, unfolded.
 */
export interface Part {
  readonly headerStart: number
  /** After the header's empty line. */
  readonly bodyStart: number
  /** Without the line break that belongs to the delimiter after it. */
  readonly bodyEnd: number
  /** Line feeds in the body; counted for text parts and messages only, otherwise 0. */
  readonly lines: number
  /** As written: `Text`. Compare `mediaType`. */
  readonly type: string
  readonly subtype: string
  /** `text/html`, in lower case. */
  readonly mediaType: string
  /** As written, RFC 2231 forms too. A text part without Content-Type has `charset` `us-ascii`. RFC 2045 section 5.2. */
  readonly parameters: readonly Parameter[]
  readonly id: string | undefined
  readonly description: string | undefined
  /** As written; `7bit` when there is none. RFC 2045 section 6.1. */
  readonly encoding: string
  readonly md5: string | undefined
  readonly disposition: Parameterised | undefined
  readonly languages: readonly string[]
  readonly location: string | undefined
  /** The parts of a multipart; empty for everything else, never empty for a multipart. */
  readonly children: readonly Part[]
  /** The message in a message/rfc822 or message/global part that is not transfer-encoded. */
  readonly message: Part | undefined
}

type Draft = { -readonly [key in keyof Part]: Part[key] } & { children: Draft[] }

/**
 * The tree of a message, in one pass. Never throws: what has no readable Content-Type is text/plain, a multipart whose
 * delimiters do not occur is text/plain too, so that its text is seen. Linear, at most `partLimit` parts and
 * `depthLimit` levels. RFC 2045, RFC 2046.
 */
export function parseStructure(bytes: Buffer): Part {
  return new StructureReader(bytes, true).read()
}

/** As `parseStructure`, but nobody wants to know the lines, which takes most of its time: they are 0. */
export function parseParts(bytes: Buffer): Part {
  return new StructureReader(bytes, false).read()
}

/**
 * The parts of that tree that have no parts, in order, each as soon as its end is read: who finds something in the first
 * needs no other.
 */
export function leafParts(bytes: Buffer): Generator<Part, void, void> {
  return new StructureReader(bytes, false).leaves()
}

class StructureReader {
  readonly #bytes: Buffer
  readonly #boundaries: Boundaries
  readonly #counts: boolean
  /** The parts that are open, outermost first; a part's index is its level. */
  readonly #open: Draft[] = []
  /** Those that ended since somebody looked. */
  readonly #closed: Draft[] = []
  #parts = 0
  /** Line feeds are counted up to here, while some open part wants to know. */
  #countedTo = 0
  #lines = 0
  #wanting = 0

  constructor(bytes: Buffer, counts: boolean) {
    this.#bytes = bytes
    this.#counts = counts
    this.#boundaries = new Boundaries(bytes)
  }

  read(): Part {
    const root = this.#begin(0, 'text/plain')
    for (let from = this.#deepest().bodyStart; from !== -1;) from = this.#readOn(from)
    return root
  }

  *leaves(): Generator<Part, void, void> {
    this.#begin(0, 'text/plain')
    for (let from = this.#deepest().bodyStart; from !== -1;) {
      from = this.#readOn(from)
      for (const part of this.#closed.splice(0))
        if (part.children.length === 0 && part.message === undefined) yield part
    }
  }

  /** From there past the next delimiter; gives where to go on, or -1 when all is read. */
  #readOn(from: number): number {
    const delimiter = this.#parts < partLimit ? this.#boundaries.next(from) : undefined
    if (delimiter !== undefined) return this.#delimit(delimiter)
    while (this.#open.length > 0) this.#close(this.#bytes.length)
    return -1
  }

  #deepest(): Draft {
    return this.#open.at(-1) as Draft
  }

  /** Ends what the delimiter ends, begins what it begins; gives where to go on. */
  #delimit({ level, closing, lineStart, next }: Delimiter): number {
    while (this.#open.length > level + 1)
      this.#close(beforeDelimiter(this.#bytes, lineStart, this.#deepest().bodyStart))
    if (closing) {
      this.#boundaries.closeFrom(level)
      return next
    }
    this.#boundaries.closeFrom(level + 1)
    const multipart = this.#deepest()
    const part = this.#begin(
      next,
      multipart.mediaType === 'multipart/digest' ? 'message/rfc822' : 'text/plain',
    )
    multipart.children.push(part)
    return this.#deepest().bodyStart
  }

  /** Opens the part whose header starts here, and the messages in it. */
  #begin(headerStart: number, defaultType: string): Draft {
    const outermost = this.#openPart(headerStart, defaultType)
    for (let part = outermost; isMessage(part); part = part.message as Draft)
      part.message = this.#openPart(part.bodyStart, 'text/plain')
    return outermost
  }

  #openPart(headerStart: number, defaultType: string): Draft {
    const level = this.#open.length
    const header = readHeader(this.#bytes, headerStart, (line) => this.#boundaries.at(line) !== undefined)
    const part = draft(header, headerStart, defaultType)
    this.#parts++
    const composite = part.mediaType.startsWith('multipart/') || isMessage(part)
    if (composite && (level + 1 >= depthLimit || this.#parts >= partLimit)) makeText(part)
    if (part.mediaType.startsWith('multipart/')) {
      const boundary = parameter(part.parameters, 'boundary')?.trimEnd()
      if (boundary === undefined || !Boundaries.usable(boundary)) makeText(part)
      else this.#boundaries.push(boundary, level)
    }
    this.#countTo(part.bodyStart)
    if (this.#wantsLines(part)) {
      this.#wanting++
      part.lines = -this.#lines
    }
    this.#open.push(part)
    return part
  }

  #close(end: number): void {
    const part = this.#open.pop() as Draft
    part.bodyEnd = Math.max(end, part.bodyStart)
    if (this.#wantsLines(part)) {
      this.#countTo(part.bodyEnd)
      part.lines += this.#lines
      // The count may be a line break ahead, when an inner part is empty.
      if (this.#countedTo > part.bodyEnd) part.lines -= countLines(this.#bytes, part.bodyEnd, this.#countedTo)
      this.#wanting--
    }
    if (part.mediaType.startsWith('multipart/') && part.children.length === 0) {
      makeText(part)
      if (this.#counts) part.lines = countLines(this.#bytes, part.bodyStart, part.bodyEnd)
    }
    this.#closed.push(part)
  }

  #wantsLines(part: Draft): boolean {
    return this.#counts && (part.mediaType.startsWith('text/') || isMessage(part))
  }

  #countTo(offset: number): void {
    if (offset <= this.#countedTo) return
    if (this.#wanting > 0) this.#lines += countLines(this.#bytes, this.#countedTo, offset)
    this.#countedTo = offset
  }
}

/** Whether its body is read as a message: "no encoding other than 7bit, 8bit, or binary is permitted". RFC 2046 section 5.2.1. */
function isMessage(part: Part): boolean {
  return part.mediaType === 'message/rfc822' || part.mediaType === 'message/global'
}

function makeText(part: Draft): void {
  part.type = 'text'
  part.subtype = 'plain'
  part.mediaType = 'text/plain'
  part.parameters = [['charset', 'us-ascii']]
}

/** What stands for a message in base64: clients expect an envelope after "message" "rfc822". */
function makeOctets(part: Draft): void {
  part.type = 'application'
  part.subtype = 'octet-stream'
  part.mediaType = 'application/octet-stream'
}

const identityEncodings = new Set(['7bit', '8bit', 'binary'])
const token = /^[^\x00-\x20()<>@,;:\\"/[\]?=\x7f]+$/

function draft(header: Header, headerStart: number, defaultType: string): Draft {
  const written = header.first('content-type')
  const { value, parameters } = parseParameterised(written ?? defaultType)
  const slash = value.indexOf('/')
  const disposition = header.first('content-disposition')
  const encoding = header.first('content-transfer-encoding')
  const part: Draft = {
    headerStart,
    bodyStart: header.end,
    bodyEnd: header.end,
    lines: 0,
    type: value.slice(0, slash),
    subtype: value.slice(slash + 1),
    mediaType: value.toLowerCase(),
    parameters,
    id: header.first('content-id'),
    description: header.first('content-description'),
    encoding: encoding === undefined ? '7bit' : parseParameterised(encoding).value || '7bit',
    md5: header.first('content-md5'),
    disposition: disposition === undefined ? undefined : parseDisposition(disposition),
    languages: parseLanguages(header.first('content-language')),
    location: header.first('content-location'),
    children: [],
    message: undefined,
  }
  if (slash === -1 || !token.test(part.type) || !token.test(part.subtype) || value === 'text/plain') {
    if (written === undefined || value !== 'text/plain') makeText(part)
  }
  if (isMessage(part) && !identityEncodings.has(part.encoding.toLowerCase())) makeOctets(part)
  return part
}

function parseDisposition(text: string): Parameterised | undefined {
  const disposition = parseParameterised(text)
  return disposition.value === '' ? undefined : disposition
}

/** Content-Language: tags between commas. RFC 3282 section 2. */
function parseLanguages(text: string | undefined): readonly string[] {
  if (text === undefined) return []
  return text
    .split(',', 100)
    .map((tag) => parseParameterised(tag).value)
    .filter((tag) => tag !== '')
}
