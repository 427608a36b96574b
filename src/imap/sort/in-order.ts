import type { Turn } from '#wire/turn.ts'

/** So many are put in order at once; the runs are then merged, with looks at the clock in between. */
const runLength = 2048
const glance = 2048

/** Puts numbers in order, stable, and never holds the event loop for long. Gives a new array. */
export async function inOrder(
  numbers: Uint32Array,
  compare: (a: number, b: number) => number,
  turn: Turn,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const count = numbers.length
  if (count <= runLength) return numbers.slice().sort(compare)
  const breathe = () => (turn.over ? turn.next(signal) : undefined)
  let from = new Uint32Array(count)
  for (let at = 0; at < count; at += runLength) {
    from.set(numbers.slice(at, at + runLength).sort(compare), at)
    await breathe()
  }
  let to = new Uint32Array(count)
  for (let width = runLength; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count)
      const end = Math.min(start + 2 * width, count)
      let left = start
      let right = middle
      for (let at = start; at < end; at++) {
        const takesLeft =
          left < middle && (right === end || compare(from[left] as number, from[right] as number) <= 0)
        to[at] = from[takesLeft ? left++ : right++] as number
        if (at % glance === 0) await breathe()
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}
