import { choices } from './choices.ts'
import { GmailError } from './errors.ts'

interface Bucket {
  units: number
  filledAt: number
}

/** One method's line in the ledger. */
export interface LedgerLine {
  calls: number
  units: number
  /** Calls that were turned away for quota, concurrency or a fault before the effect; they cost nothing. */
  refused: number
}

/**
 * What calls cost and how many a user may make: a rate, not a minute's bucket (see `choices.quotaBurstShare`).
 * Every user of the project has a bucket of the same size.
 */
export class Quota {
  /** Units per minute and user; 0 when there is no limit. */
  unitsPerMinute: number
  readonly #buckets = new Map<string, Bucket>()
  readonly #ledger = new Map<string, LedgerLine>()
  readonly #spent = new Map<string, { at: number; units: number }[]>()

  constructor(unitsPerMinute: number) {
    this.unitsPerMinute = unitsPerMinute
  }

  /** Units that can be spent at once after a rest. */
  get burstUnits(): number {
    return Math.max(choices.quotaBurstLeastUnits, this.unitsPerMinute * choices.quotaBurstShare)
  }

  /** Full buckets, as after a rest. */
  set(unitsPerMinute: number): void {
    this.unitsPerMinute = unitsPerMinute
    this.#buckets.clear()
  }

  /** Throws GmailError 403 when the user has spent too much; else the call is in the ledger. */
  charge(address: string, method: string, units: number, now: number): void {
    const line = this.#line(method)
    if (this.unitsPerMinute > 0) {
      const bucket = this.#refill(address, now)
      if (bucket.units < units) {
        line.refused += 1
        throw quotaExceeded()
      }
      bucket.units -= units
    }
    line.calls += 1
    line.units += units
    this.#remember(address, units, now)
  }

  /** A call that never came to be charged. */
  refuse(method: string): void {
    this.#line(method).refused += 1
  }

  ledger(): ReadonlyMap<string, Readonly<LedgerLine>> {
    return this.#ledger
  }

  resetLedger(): void {
    this.#ledger.clear()
  }

  /** Units spent in the last minute by whoever spent most. */
  spentLastMinute(now: number): number {
    let most = 0
    for (const seconds of this.#spent.values()) {
      const sum = seconds.reduce((total, one) => (one.at > now - 60_000 ? total + one.units : total), 0)
      most = Math.max(most, sum)
    }
    return most
  }

  #line(method: string): LedgerLine {
    let line = this.#ledger.get(method)
    if (!line) this.#ledger.set(method, (line = { calls: 0, units: 0, refused: 0 }))
    return line
  }

  #refill(address: string, now: number): Bucket {
    let bucket = this.#buckets.get(address)
    if (!bucket) this.#buckets.set(address, (bucket = { units: this.burstUnits, filledAt: now }))
    const passed = Math.max(0, now - bucket.filledAt)
    bucket.units = Math.min(this.burstUnits, bucket.units + (passed * this.unitsPerMinute) / 60_000)
    bucket.filledAt = now
    return bucket
  }

  #remember(address: string, units: number, now: number): void {
    let seconds = this.#spent.get(address)
    if (!seconds) this.#spent.set(address, (seconds = []))
    const second = now - (now % 1000)
    const last = seconds.at(-1)
    if (last?.at === second) last.units += units
    else seconds.push({ at: second, units })
    if (seconds.length > 61) seconds.shift()
  }
}

function quotaExceeded(): GmailError {
  return new GmailError(
    403,
    'rateLimitExceeded',
    "Quota exceeded for quota metric 'Total Query Cost' and limit 'Units per minute per user' of service " +
      "'gmail.googleapis.com' for consumer 'project_number:424242424242'.",
    {
      domain: 'usageLimits',
      status: choices.quotaErrorStatus,
      retryAfterSeconds: choices.quotaRetryAfterSeconds,
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'RATE_LIMIT_EXCEEDED',
          domain: 'googleapis.com',
          metadata: {
            service: 'gmail.googleapis.com',
            consumer: 'projects/424242424242',
            quota_metric: 'gmail.googleapis.com/total_query_cost',
            quota_limit: 'UnitsPerMinutePerUser',
          },
        },
      ],
    },
  )
}
