import type { Parser } from './parser.ts'

/** A page of results, counted from 1 at the first or, `fromEnd`, at the last. RFC 9394 section 3.1. */
export interface PartialRange {
  readonly nearest: number
  readonly farthest: number
  readonly fromEnd: boolean
  /** The nearest first: the answer names it. 4:2 and 2:4 are the same. RFC 9394 section 3.1. */
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
  const [nearest, farthest] = [Math.min(one, other), Math.max(one, other)]
  return { nearest, farthest, fromEnd, text: `${sign}${nearest}:${sign}${farthest}` }
}

/** The page of results that are in their order. */
export function pageOf(results: Uint32Array, { nearest, farthest, fromEnd }: PartialRange): Uint32Array {
  const { length } = results
  if (!fromEnd) return results.subarray(nearest - 1, farthest)
  return results.subarray(Math.max(0, length - farthest), Math.max(0, length - nearest + 1))
}
