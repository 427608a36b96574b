const ZERO = 0x30
/** Up to here numbers are small integers to V8. */
const smallest31 = 0x7fffffff

/** Most digits that a number of ours has: a mod-sequence, at most 2^53 - 1. */
export const longestDecimal = 16

/**
 * Writes a whole number as ASCII digits at a place that has room for `longestDecimal` octets, and gives the place after it.
 * Ten thousand numbers of an answer are never strings.
 */
export function writeDecimal(into: Uint8Array, at: number, value: number): number {
  if (value > smallest31) return writeLarge(into, at, value)
  let end = at + 1
  for (let limit = 10; value >= limit; limit *= 10) end++
  let rest = value
  for (let place = end - 1; place >= at; place--) {
    const tenth = (rest / 10) | 0
    into[place] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return end
}

function writeLarge(into: Uint8Array, at: number, value: number): number {
  const digits = String(value)
  for (let i = 0; i < digits.length; i++) into[at + i] = digits.charCodeAt(i)
  return at + digits.length
}
