import type { Ready } from '../postern.ts'

/** What `/metrics` says: values by name with labels, as it is written. */
export type Figures = ReadonlyMap<string, number>

/** Reads the exposition format of Prometheus. */
export async function figures({ metrics }: Pick<Ready, 'metrics'>): Promise<Figures> {
  const text = await (await fetch(metrics?.url ?? '')).text()
  return new Map(
    text.split('\n').flatMap((line): [string, number][] => {
      if (line === '' || line.startsWith('#')) return []
      const at = line.lastIndexOf(' ')
      return [[line.slice(0, at), Number(line.slice(at + 1))]]
    }),
  )
}

/** The sum of every series of this name whose labels hold all of these words. */
export function total(all: Figures, name: string, ...words: readonly string[]): number {
  let sum = 0
  for (const [series, value] of all)
    if (series.split('{', 1)[0] === name && words.every((word) => series.includes(word))) sum += value
  return sum
}

/** Asks again and again until the figures are as wanted, no longer than the test may take. */
export async function eventually(
  ready: Pick<Ready, 'metrics'>,
  wanted: (all: Figures) => boolean,
): Promise<Figures> {
  for (;;) {
    const all = await figures(ready)
    if (wanted(all)) return all
  }
}
