import type { Parser } from './parser.ts'

/** A page of results, counted from 1 at the first or, `fromEnd`, at the last. RFC 9394 section 3.1. */
export interface PartialRange {
  readonly nearest: number
  readonly farthest: number
  readonly fromEnd: boolean
  /** As the client wrote it: the answer names it. */
  readonly text: string
}

/** partial-range = nz-number ":" nz-number / MINUS nz-number ":" MINUS nz-number. RFC 9394 section 4. Throws ProtocolError. */
export function readPartialRange(parser: Parser): PartialRange {
  const fromEnd = parser.skip('-')
  const one = parser.nzNumber('A position')
  parser.expect(':')
  if (fromEnd) parser.expect('-')
  const other = parser.nzNumber('A position')
  const sign = fromEnd ? '-' : ''
  return {
    nearest: Math.min(one, other),
    farthest: Math.max(one, other),
    fromEnd,
    text: `${sign}${one}:${sign}${other}`,
  }
}

/** The page of results that are in their order. */
export function pageOf(results: Uint32Array, { nearest, farthest, fromEnd }: PartialRange): Uint32Array {
  const { length } = results
  if (!fromEnd) return results.subarray(nearest - 1, farthest)
  return results.subarray(Math.max(0, length - farthest), Math.max(0, length - nearest + 1))
}
