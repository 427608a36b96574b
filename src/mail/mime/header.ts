const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const TAB = 0x09
const COLON = 0x3a
const DASH = 0x2d

/** Fields beyond this many octets of one header are not interpreted; they stay part of the header's bytes. */
const headerLimitBytes = 10 * 1024 * 1024
/** A field is shown and searched up to here: room for a thousand addresses. */
const fieldLimitBytes = 256 * 1024
/** A field that is repeated is interpreted this many times. */
const repeatLimit = 1000

interface Name {
  readonly octets: Uint8Array
  readonly index: number
}

/** Field names in lower case by their first letter, so that most lines are passed over after one look. */
export type FieldNames = readonly (readonly Name[] | undefined)[]

/** Prepares field names for `matchName`; letter case does not matter. */
export function fieldNames(names: readonly string[]): FieldNames {
  const table: Name[][] = Array.from({ length: 256 })
  for (const [index, name] of names.entries()) {
    const octets = Buffer.from(name.toLowerCase(), 'latin1')
    const first = octets[0]
    if (first !== undefined) (table[first] ??= []).push({ octets, index })
  }
  return table
}

/** The index of the name that the line at `at` begins with, or -1. White space before the colon is forgiven. */
export function matchName(names: FieldNames, bytes: Buffer, at: number): number {
  const candidates = names[lower(bytes[at] as number)]
  if (candidates === undefined) return -1
  for (const { octets, index } of candidates) {
    let length = 1
    while (length < octets.length && lower(bytes[at + length] as number) === octets[length]) length++
    if (length < octets.length) continue
    let next = at + length
    while (bytes[next] === SP || bytes[next] === TAB) next++
    if (bytes[next] === COLON) return index
  }
  return -1
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}

/** Where the line at `at` ends, after its LF. Short lines are read here because a call costs more than they do. */
export function lineEnd(bytes: Buffer, at: number): number {
  const near = Math.min(at + 48, bytes.length)
  for (let i = at; i < near; i++) if (bytes[i] === LF) return i + 1
  if (near === bytes.length) return near
  const far = bytes.indexOf(LF, near)
  return far === -1 ? bytes.length : far + 1
}

/** The length of the empty line at `at`: 2 for CRLF, 1 for LF, 0 when the line is not empty. */
export function emptyLine(bytes: Buffer, at: number): number {
  if (bytes[at] === LF) return 1
  return bytes[at] === CR && bytes[at + 1] === LF ? 2 : 0
}

/** The header and where the body starts. The header ends with the empty line, if there is one. */
export function splitHeader(bytes: Buffer): { header: Buffer; bodyStart: number } {
  let at = 0
  while (at < bytes.length) {
    const empty = emptyLine(bytes, at)
    at = empty > 0 ? at + empty : lineEnd(bytes, at)
    if (empty > 0) break
  }
  return { header: bytes.subarray(0, at), bodyStart: at }
}

/** The fields of one header that have a meaning here, by `known`'s order. */
export class Header {
  readonly #bytes: Buffer
  /** After the empty line. */
  readonly end: number
  /** Start and end of each value, in pairs. */
  readonly #places: readonly (number[] | undefined)[]

  constructor(bytes: Buffer, end: number, places: readonly (number[] | undefined)[]) {
    this.#bytes = bytes
    this.end = end
    this.#places = places
  }

  /** The first value of a field: unfolded, trimmed, one character per octet. Undefined when there is no such field. */
  first(field: KnownField): string | undefined {
    const places = this.#places[known.indexOf(field)]
    return places === undefined
      ? undefined
      : unfoldStart(this.#bytes, places[0] as number, places[1] as number)
  }

  /** All values of a field in order, empty when there is none. */
  all(field: KnownField): string[] {
    const places = this.#places[known.indexOf(field)] ?? []
    const values: string[] = []
    for (let i = 0; i < places.length; i += 2)
      values.push(unfoldStart(this.#bytes, places[i] as number, places[i + 1] as number))
    return values
  }
}

const known = [
  'date',
  'subject',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'in-reply-to',
  'message-id',
  'references',
  'content-type',
  'content-transfer-encoding',
  'content-id',
  'content-description',
  'content-disposition',
  'content-md5',
  'content-language',
  'content-location',
] as const

/** A field that ENVELOPE, BODYSTRUCTURE or the summary are made from. */
export type KnownField = (typeof known)[number]

const knownNames = fieldNames(known)

/**
 * Reads a header from `from` up to its empty line, the end of the bytes, or a line for which `stop` says yes (it is
 * asked about lines that begin with two dashes). One pass, never throws.
 */
export function readHeader(bytes: Buffer, from: number, stop?: (lineStart: number) => boolean): Header {
  const places: (number[] | undefined)[] = Array.from({ length: known.length })
  let open: number[] | undefined
  let at = from
  let end = bytes.length
  while (at < bytes.length) {
    const empty = emptyLine(bytes, at)
    if (empty > 0) {
      end = at + empty
      break
    }
    const first = bytes[at]
    if (first === DASH && bytes[at + 1] === DASH && stop?.(at) === true) {
      end = at
      break
    }
    if (first !== SP && first !== TAB) {
      if (open !== undefined) open.push(at)
      open = undefined
      const index = at - from < headerLimitBytes ? matchName(knownNames, bytes, at) : -1
      if (index !== -1) {
        const list = (places[index] ??= [])
        if (list.length < 2 * repeatLimit) {
          open = list
          list.push(bytes.indexOf(COLON, at) + 1)
        }
      }
    }
    at = lineEnd(bytes, at)
  }
  if (open !== undefined) open.push(at)
  return new Header(bytes, end, places)
}

/** A field's value as one line: CR and LF removed (RFC 5322 section 2.2.3), trimmed, one character per octet. */
export function unfold(bytes: Buffer, start: number, end: number): string {
  return trim(bytes.toString('latin1', start, end).replaceAll(/[\r\n]+/g, ''))
}

/** As `unfold`, cut after `fieldLimitBytes`: for what is shown and searched, not for what is decided by. */
export function unfoldStart(bytes: Buffer, start: number, end: number): string {
  return unfold(bytes, start, Math.min(end, start + fieldLimitBytes))
}

/** Without spaces and tabs at both ends. Not `String.trim`, which would eat octet A0. */
export function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isWhite(text.charCodeAt(start))) start++
  while (end > start && isWhite(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

function isWhite(code: number): boolean {
  return code === SP || code === TAB
}
