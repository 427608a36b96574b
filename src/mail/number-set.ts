/** A sequence set: ranges stay ranges, however wide. RFC 9051 section 9, `sequence-set`. */

export interface NumberRange {
  /** 1 to 2^32-1, or `Infinity` for `*`, the largest number in use. */
  readonly from: number
  readonly to: number
}

/** Ranges as the client wrote them, each with from and to in any order. */
export type NumberSet = readonly NumberRange[] | SavedSet

/** `$`, what a search saved (RFC 5182), and the ranges before it: `3,$` is lawful by RFC 9051 section 9, seq-last-command. */
export interface SavedSet {
  readonly ranges: readonly NumberRange[]
}

/** Whether a set has `$`. */
export function hasSaved(set: NumberSet): set is SavedSet {
  return 'ranges' in set
}

/** A set without its `$`. */
export function withoutSaved(set: NumberSet): readonly NumberRange[] {
  return hasSaved(set) ? set.ranges : set
}

/**
 * The ranges with `*` resolved to `largest`, ascending, merged, not overlapping. With `largest` 0 (empty mailbox) a
 * `*` matches nothing. `84:*` with 83 messages is 83:84, as RFC 9051 section 9 wants.
 */
export function resolveRanges(set: readonly NumberRange[], largest: number): NumberRange[] {
  const resolved: { from: number; to: number }[] = []
  for (const range of set) {
    const from = range.from === Infinity ? largest : range.from
    const to = range.to === Infinity ? largest : range.to
    if (from === 0 || to === 0) continue
    resolved.push(from <= to ? { from, to } : { from: to, to: from })
  }
  resolved.sort((a, b) => a.from - b.from)
  const merged: { from: number; to: number }[] = []
  for (const range of resolved) {
    const last = merged.at(-1)
    if (last !== undefined && range.from <= last.to + 1) last.to = Math.max(last.to, range.to)
    else merged.push({ ...range })
  }
  return merged
}

/** Whether a number is in resolved ranges. Binary search. */
export function inRanges(ranges: readonly NumberRange[], value: number): boolean {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const range = ranges[middle] as NumberRange
    if (value < range.from) high = middle - 1
    else if (value > range.to) low = middle + 1
    else return true
  }
  return false
}

/** Compact text of ascending numbers: `1:3,7`. */
export function formatNumbers(ascending: Iterable<number>): string {
  const parts: string[] = []
  let from = -1
  let to = -1
  const flush = () => {
    if (from !== -1) parts.push(from === to ? String(from) : `${from}:${to}`)
  }
  for (const value of ascending) {
    if (value === to + 1 && from !== -1) to = value
    else {
      flush()
      from = value
      to = value
    }
  }
  flush()
  return parts.join(',')
}
