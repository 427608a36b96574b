import { setTimeout as pause } from 'node:timers/promises'

/** Units of each method as of May 2026, the first that fits. Fact sheet section 1.2. */
const costs: readonly [RegExp, number][] = [
  [/^POST .*\/(messages|drafts)\/send$/, 100],
  [/^GET .*\/(messages|threads|drafts)$/, 10],
  [/^POST .*\/batch(Modify|Delete)$/, 50],
  [/^GET .*\/threads\/[^/]+$/, 40],
  [/^GET .*\/(messages|drafts)\/[^/]+/, 20],
  [/^POST .*\/trash$/, 20],
  [/^POST .*\/messages(\/import)?$/, 25],
  [/^(POST|PUT) .*\/drafts/, 15],
  [/^DELETE .*\/threads\/[^/]+$/, 20],
  [/^GET .*\/(labels|profile|history|settings)/, 2],
  [/./, 10],
]

export function unitsOf(method: string, path: string): number {
  return costs.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1] ?? 10
}

/** Spends no more than so many units a second: a call waits until those before it are paid for. */
export class Pace {
  readonly #unitsPerSecond: number
  #paidUntil = 0
  spent = 0

  /** 0 means as fast as can be. */
  constructor(unitsPerSecond: number) {
    this.#unitsPerSecond = unitsPerSecond
  }

  async spend(units: number, signal: AbortSignal): Promise<void> {
    this.spent += units
    if (this.#unitsPerSecond === 0) return
    const now = performance.now()
    const waitMs = Math.max(0, this.#paidUntil - now)
    this.#paidUntil = now + waitMs + (units * 1000) / this.#unitsPerSecond
    if (waitMs > 0) await pause(waitMs, undefined, { signal })
  }
}
