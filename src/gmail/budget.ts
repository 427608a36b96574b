import type { Clock } from '#mail/surroundings.ts'
import { dearestCallUnits } from './cost.ts'

/**
 * A quota paced as a rate, since Google seems to enforce one (fact sheet section 1.1): a bucket that refills steadily at
 * 95% of the quota and holds a tenth of a minute's worth. One per account; a project may have one that all accounts share.
 */
export interface Budget {
  readonly unitsPerMinute: number
  /** Most units that can be saved up. */
  readonly capacity: number
  /** Units that may be spent now. */
  available(): number
  /** Milliseconds until `units` can be spent with `reserve` units left over; 0 when they can be now. */
  waitMs(units: number, reserve: number): number
  /** Takes units out. The caller has looked at waitMs. */
  spend(units: number): void
  /** Google says the quota is used up, so our count was wrong: begin again from nothing. */
  empty(): void
}

/** The rest is for clocks that differ and calls that another program makes. */
const paceShare = 0.95
const burstShare = 0.1

/** Throws RangeError unless `unitsPerMinute` is positive. */
export function createBudget(options: { unitsPerMinute: number; clock: Clock }): Budget {
  const { unitsPerMinute, clock } = options
  if (!(unitsPerMinute > 0 && Number.isFinite(unitsPerMinute)))
    throw new RangeError(
      `Cannot use ${unitsPerMinute} as quota units per minute: it must be a positive number`,
    )
  const unitsPerMs = (unitsPerMinute * paceShare) / 60_000
  const capacity = Math.max(unitsPerMinute * burstShare, dearestCallUnits)
  let level = capacity
  let filledAt = clock.monotonicMs()

  function fill(): number {
    const now = clock.monotonicMs()
    level = Math.min(capacity, level + Math.max(0, now - filledAt) * unitsPerMs)
    filledAt = now
    return level
  }

  return {
    unitsPerMinute,
    capacity,
    available: () => Math.floor(fill()),
    waitMs(units, reserve) {
      // A full bucket is enough for anything: a call dearer than units + reserve must not wait for ever.
      const wanted = Math.min(units + reserve, capacity)
      const missing = wanted - fill()
      // The small allowance keeps a rounding error from costing another millisecond's wait.
      return missing <= 1e-6 ? 0 : Math.ceil(missing / unitsPerMs)
    },
    spend(units) {
      level = fill() - units
    },
    empty() {
      level = Math.min(fill(), 0)
    },
  }
}
