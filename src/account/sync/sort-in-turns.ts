import { breathe } from '../present.ts'

/** Sorted or merged without a pause: a few milliseconds. */
const itemsPerTurn = 8192

/** Sorts like `toSorted`, but lets others run in between: 200,000 ids in one go would hold everything for 0.2 s. */
export async function sortInTurns<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  let runs: T[][] = []
  for (let at = 0; at < items.length; at += itemsPerTurn) {
    runs.push(items.slice(at, at + itemsPerTurn).sort(compare))
    await breathe()
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let at = 0; at < runs.length; at += 2)
      merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], compare))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const merged: T[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i] as T, b[j] as T]
    const isFirst = compare(x, y) <= 0
    merged.push(isFirst ? x : y)
    if (isFirst) i++
    else j++
    if (merged.length % itemsPerTurn === 0) await breathe()
  }
  return i < a.length ? merged.concat(a.slice(i)) : merged.concat(b.slice(j))
}
