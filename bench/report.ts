import { median } from './sample.ts'

/** Prints the median of each peer, ours first, and the ratio. */
export function report(
  { name, unit }: { readonly name: string; readonly unit: string },
  results: ReadonlyMap<string, readonly number[]>,
): void {
  const medians = [...results].map(([peer, values]): [string, number] => [peer, median(values)])
  const text = medians.map(([peer, value]) => `${peer} ${figure(value)}`).join(', ')
  const [ours, theirs] = medians.map(([, value]) => value)
  const ratio = ours === undefined || theirs === undefined ? '' : `, ratio ${(ours / theirs).toFixed(2)}`
  console.log(`${name}: ${text} ${unit}${ratio}`)
}

/** Three digits that count, no fractions of what is large. */
export function figure(value: number): string {
  if (Number.isNaN(value)) return '–'
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
