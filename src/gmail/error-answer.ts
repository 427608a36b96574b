import { CallFailure, nonsense } from './failure.ts'

/** An HTTP answer that is not a success. */
export interface ErrorAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: string
  /** history.list means something else by 404. */
  readonly isHistory: boolean
}

/** What Google puts into its error envelope. Fact sheet section 1.4. */
interface Envelope {
  readonly message: string
  readonly reason: string | undefined
}

// Both spellings of the per-user limit, the project owner's own cap, and the names of newer services.
const unitReasons = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'dailyLimitExceeded',
  'quotaExceeded',
  'RATE_LIMIT_EXCEEDED',
  'RESOURCE_EXHAUSTED',
])

const longestDetail = 500

/**
 * Tells failures apart by status and reason. Only Google's own envelope is believed about 400, 403, 404 and 409: a proxy
 * or a captive portal that answers 404 must not make a message disappear.
 */
export function failureOf(answer: ErrorAnswer, nowMs: number): CallFailure {
  const { status } = answer
  const envelope = readEnvelope(answer.body)
  const detail = envelope?.message.slice(0, longestDetail) ?? `HTTP ${status} without an error envelope`
  const reason = envelope?.reason
  const retryAfterMs = retryAfter(answer.retryAfter, envelope?.message ?? '', nowMs)
  const fields = { status, reason, retryAfterMs }
  if (status === 401) return new CallFailure('token', 'unavailable', detail, fields)
  if (status === 429) {
    // A day's limit of mails sent: waiting does not help this call, and no other need wait. Fact sheet section 1.4.
    if (detail.toLowerCase().includes('(mail sending)'))
      return new CallFailure('refused', 'throttled', detail, fields)
    const crowded = detail.toLowerCase().includes('concurrent')
    return new CallFailure(crowded ? 'crowded' : 'units', 'throttled', detail, fields)
  }
  if (status === 413) return new CallFailure('refused', 'invalid', detail, fields)
  if (status >= 500 || status === 408) return new CallFailure('outage', 'unavailable', detail, fields)
  if (envelope === undefined) return nonsense(detail, undefined, status)
  if (status === 403) {
    const quota = reason !== undefined && unitReasons.has(reason)
    return quota
      ? new CallFailure('units', 'throttled', detail, fields)
      : new CallFailure('refused', 'forbidden', detail, fields)
  }
  if (status === 404 || status === 410)
    return new CallFailure('refused', answer.isHistory ? 'history-expired' : 'not-found', detail, fields)
  if (status === 409) return new CallFailure('refused', 'conflict', detail, fields)
  if (status >= 400) return new CallFailure('refused', 'invalid', detail, fields)
  return nonsense(`HTTP ${status} is no answer of Gmail's`)
}

function readEnvelope(body: string): Envelope | undefined {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return undefined
  }
  const error = field(json, 'error')
  if (typeof error !== 'object' || error === null) return undefined
  const message = field(error, 'message')
  const legacy = firstReason(field(error, 'errors'))
  // The legacy reason is the finer one: `rateLimitExceeded` where status only says PERMISSION_DENIED.
  const reason = legacy ?? firstReason(field(error, 'details')) ?? field(error, 'status')
  return {
    message: typeof message === 'string' ? message : '',
    reason: typeof reason === 'string' ? reason.slice(0, 100) : undefined,
  }
}

function firstReason(list: unknown): string | undefined {
  if (!Array.isArray(list)) return undefined
  for (const entry of list.slice(0, 20)) {
    const reason = field(entry, 'reason')
    if (typeof reason === 'string') return reason
  }
  return undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

/**
 * Milliseconds to wait as Google advises: the Retry-After header in seconds or as a date, or the time at the end of
 * «User-rate limit exceeded.  Retry after 2026-11-24T12:15:00.000Z». The latter is often wrong (fact sheet section 1.4).
 */
function retryAfter(header: string | undefined, message: string, nowMs: number): number | undefined {
  if (header !== undefined && /^[0-9]{1,9}$/.test(header.trim())) return Number(header.trim()) * 1000
  const marker = 'retry after '
  const at = message.toLowerCase().indexOf(marker)
  const written =
    at < 0
      ? undefined
      : message
          .slice(at + marker.length, at + marker.length + 40)
          .trim()
          .split(/[\s)]/)[0]
  for (const text of [header, written]) {
    const time = text === undefined ? Number.NaN : Date.parse(text)
    if (Number.isFinite(time) && time > nowMs) return time - nowMs
  }
  return undefined
}
