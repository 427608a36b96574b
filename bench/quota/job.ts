import { control, type Ready } from '#test/postern.ts'

/** What Gmail was asked since the last reset, by method. */
interface Spent {
  readonly units: number
  readonly calls: ReadonlyMap<string, { readonly calls: number; readonly units: number }>
}

/** What a job cost at Gmail, beside the formula of facts/performance.md section A. */
export interface Job {
  readonly what: string
  readonly spent: Spent
  readonly atMost: number
  /** More than the units must hold. */
  readonly also?: { readonly sentence: string; readonly holds: boolean }
}

/** The simulator's own ledger; `without` a method that has nothing to do with the job. */
export async function ledger(ready: Ready, without?: string): Promise<Spent> {
  const { methods } = (await control(ready, 'ledger')) as {
    methods: Record<string, { calls: number; units: number }>
  }
  const calls = new Map(
    Object.entries(methods).filter(([method, line]) => line.calls > 0 && method !== without),
  )
  return { units: [...calls.values()].reduce((sum, line) => sum + line.units, 0), calls }
}

/** A twentieth more than the formula is allowed. */
export function holds({ spent, atMost, also }: Job): boolean {
  return spent.units <= atMost * 1.05 && also?.holds !== false
}

/** One line: the units, the formula, and the calls of each method. */
export function print(job: Job): void {
  const { what, spent, atMost, also } = job
  const calls = [...spent.calls].map(([method, line]) => `${method} × ${line.calls}`).join(', ')
  const more = also === undefined ? '' : `; ${also.sentence}: ${also.holds ? 'yes' : 'NO'}`
  const units = `${spent.units} units of ${Math.round(atMost)}`.padEnd(24)
  console.log(`${what.padEnd(58)}${holds(job) ? '' : 'TOO MUCH: '}${units}${calls}${more}`)
}
