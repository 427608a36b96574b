/** What one account has spent on one method for one cause, since its ledger began. */
interface Line {
  readonly method: string
  readonly cause: string
  readonly calls: number
  readonly units: number
}

interface Spent extends Line {
  readonly number: number
  readonly class: string
}

/**
 * What was spent, which never falls: Gmail's refusals give units back to the ledger, an account that is removed takes its part
 * away and one that is opened anew begins at nothing, but a counter that falls means to Prometheus that the process began anew.
 * What is spent under one class stays there when the account gets another kind of grant.
 */
export class Totals {
  readonly #seen = new Map<string, { calls: number; units: number }>()
  readonly #spent = new Map<string, Spent>()

  note(account: { readonly number: number; readonly class: string }, line: Line): void {
    const { number, class: kind } = account
    const { method, cause } = line
    const key = `${number} ${method} ${cause}`
    const before = this.#seen.get(key)
    // Calls are never given back: fewer of them are those of a new ledger.
    const seen = before === undefined || line.calls < before.calls ? { calls: 0, units: 0 } : before
    const now = { calls: line.calls, units: Math.max(line.units, seen.units) }
    this.#seen.set(key, now)
    const sum = this.#spent.get(`${kind} ${key}`)
    this.#spent.set(`${kind} ${key}`, {
      number,
      class: kind,
      method,
      cause,
      calls: (sum?.calls ?? 0) + now.calls - seen.calls,
      units: (sum?.units ?? 0) + now.units - seen.units,
    })
  }

  lines(): Iterable<Spent> {
    return this.#spent.values()
  }
}
