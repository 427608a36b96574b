import { traitsByMethod } from './cost.ts'
import type { Method } from './cost.ts'
import type { Spending } from './gmail.ts'

/** What was spent on what. Methods and causes are our own few words, so it stays small. */
export interface Ledger {
  /** A request goes out. */
  sent(method: Method, cause: string): void
  /** It was refused for its quota: Gmail takes no units for that. */
  refused(method: Method, cause: string): void
  lines(): readonly Spending[]
}

export function createLedger(): Ledger {
  const lines = new Map<string, { method: Method; cause: string; calls: number; units: number }>()
  function line(method: Method, cause: string) {
    const key = `${method} ${cause}`
    let known = lines.get(key)
    if (known === undefined) lines.set(key, (known = { method, cause, calls: 0, units: 0 }))
    return known
  }
  return {
    sent(method, cause) {
      const entry = line(method, cause)
      entry.calls++
      entry.units += traitsByMethod[method].units
    },
    refused(method, cause) {
      line(method, cause).units -= traitsByMethod[method].units
    },
    lines: () => [...lines.values()].map((entry) => ({ ...entry })),
  }
}
