import { lineEnd } from './header.ts'

const LF = 0x0a
const CR = 0x0d
const DASH = 0x2d

/** Longer boundaries are not honoured; RFC 2046 section 5.1.1 permits 70. */
const boundaryLimit = 250
/** How far is looked octet by octet before the native search is called: dense dashes must not cost a call each. */
const nearBytes = 64

const dashes = Buffer.from('--')

interface Boundary {
  readonly octets: Buffer
  readonly level: number
}

/** A delimiter line. RFC 2046 section 5.1.1. */
export interface Delimiter {
  /** The level of the multipart it belongs to. */
  readonly level: number
  /** It is the close-delimiter. */
  readonly closing: boolean
  readonly lineStart: number
  /** After the line. */
  readonly next: number
}

/**
 * The boundaries of the multiparts that are open, outermost first. A delimiter is a whole line: `--`, the boundary,
 * `--` for the last one, white space. Of multiparts that share a boundary the innermost gets the line. A line costs
 * one hash, however many are open.
 */
export class Boundaries {
  readonly #bytes: Buffer
  readonly #open: Boundary[] = []
  readonly #byHash = new Map<number, Boundary[]>()

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get size(): number {
    return this.#open.length
  }

  /** Whether this text can serve as a boundary. */
  static usable(boundary: string): boolean {
    return boundary.length > 0 && boundary.length <= boundaryLimit
  }

  /** Opens a boundary; levels must ascend. */
  push(boundary: string, level: number): void {
    const octets = Buffer.from(boundary, 'latin1')
    const entry = { octets, level }
    const key = hash(octets, 0, octets.length)
    const same = this.#byHash.get(key)
    if (same === undefined) this.#byHash.set(key, [entry])
    else same.push(entry)
    this.#open.push(entry)
  }

  /** Closes all boundaries of that level and deeper. */
  closeFrom(level: number): void {
    for (let last = this.#open.at(-1); last !== undefined && last.level >= level; last = this.#open.at(-1)) {
      this.#open.pop()
      this.#byHash.get(hash(last.octets, 0, last.octets.length))?.pop()
    }
  }

  /** The first delimiter whose line starts at `from` or later; `from` must be the start of a line. */
  next(from: number): Delimiter | undefined {
    if (this.#open.length === 0) return undefined
    const bytes = this.#bytes
    let at = from
    while (at !== -1) {
      if (bytes[at] === DASH && bytes[at + 1] === DASH) {
        const found = this.at(at)
        if (found !== undefined) return found
      }
      at = this.#nextDashes(at)
    }
    return undefined
  }

  /** The delimiter whose line starts here, if it is one. */
  at(lineStart: number): Delimiter | undefined {
    const bytes = this.#bytes
    if (this.#open.length === 0 || bytes[lineStart] !== DASH || bytes[lineStart + 1] !== DASH)
      return undefined
    const start = lineStart + 2
    const far = Math.min(bytes.length, start + boundaryLimit + 64)
    let end = start
    while (end < far && bytes[end] !== LF) end++
    if (end === far && far < bytes.length) return undefined
    const next = Math.min(end + 1, bytes.length)
    while (end > start && isPadding(bytes[end - 1] as number)) end--
    const open = this.#find(start, end)
    if (open !== undefined) return { level: open.level, closing: false, lineStart, next }
    if (end - start < 3 || bytes[end - 1] !== DASH || bytes[end - 2] !== DASH) return undefined
    const closed = this.#find(start, end - 2)
    return closed === undefined ? undefined : { level: closed.level, closing: true, lineStart, next }
  }

  #find(start: number, end: number): Boundary | undefined {
    const same = this.#byHash.get(hash(this.#bytes, start, end))
    if (same === undefined) return undefined
    for (let i = same.length - 1; i >= 0; i--) {
      const candidate = same[i] as Boundary
      if (
        candidate.octets.length === end - start &&
        this.#bytes.compare(candidate.octets, 0, undefined, start, end) === 0
      )
        return candidate
    }
    return undefined
  }

  /** The next line start after `at` that begins with two dashes, or -1. */
  #nextDashes(at: number): number {
    const bytes = this.#bytes
    for (let from = at; ;) {
      const near = Math.min(from + nearBytes, bytes.length)
      for (let i = from; i < near; i++)
        if (bytes[i] === LF && bytes[i + 1] === DASH && bytes[i + 2] === DASH) return i + 1
      // Not the line feed is looked for: base64 has many of them, and no dash.
      const found = near === bytes.length ? -1 : bytes.indexOf(dashes, near + 1)
      if (found === -1 || bytes[found - 1] === LF) return found
      from = found
    }
  }
}

function isPadding(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === CR
}

/** FNV-1a. */
function hash(bytes: Buffer, start: number, end: number): number {
  let value = 0x811c9dc5
  for (let i = start; i < end; i++) value = Math.imul(value ^ (bytes[i] as number), 0x01000193)
  return value
}

/** Where the body of a part ends that is followed by a delimiter: before the line break that belongs to it. */
export function beforeDelimiter(bytes: Buffer, lineStart: number, bodyStart: number): number {
  let end = lineStart
  if (end > bodyStart && bytes[end - 1] === LF) end--
  if (end > bodyStart && bytes[end - 1] === CR) end--
  return end
}

/** Counts line feeds. */
export function countLines(bytes: Buffer, start: number, end: number): number {
  let lines = 0
  for (let at = start; at < end;) {
    const next = lineEnd(bytes, at)
    if (next <= end && bytes[next - 1] === LF) lines++
    at = next
  }
  return lines
}
