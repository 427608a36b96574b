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

function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
