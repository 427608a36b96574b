import { GmailError } from '#gmail/gmail.ts'
import { GrantError } from '#mail/errors.ts'

/** A refused grant is tried again no more often than this. Reliability sheet section 3. */
const grantRetryMs = 60_000
const backOffBaseMs = 1000
const backOffMaxMs = 60_000

/** How long to wait after so many failures in a row (from 1). Full jitter, `random` from 0 up to 1. */
export function retryDelayMs(error: unknown, failures: number, random: () => number): number {
  if (error instanceof GrantError) return grantRetryMs
  const ceiling = Math.min(backOffMaxMs, backOffBaseMs * 2 ** Math.min(failures, 30))
  const drawn = ceiling / 2 + (random() * ceiling) / 2
  const told = error instanceof GmailError ? (error.retryAfterMs ?? 0) : 0
  return Math.max(drawn, Math.min(told, backOffMaxMs))
}
