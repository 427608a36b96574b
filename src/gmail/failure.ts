import { GmailError } from './gmail.ts'
import type { GmailErrorKind } from './gmail.ts'

/**
 * Why one request came to nothing, as far as the layers above must tell it apart:
 * `token` the access token is not accepted (401); `units` the quota is used up; `crowded` too many requests at once;
 * `outage` 5xx, no connection, or an answer that makes no sense; `refused` repeating it changes nothing.
 */
export type FailureKind = 'token' | 'units' | 'crowded' | 'outage' | 'refused'

/** One request came to nothing. Stays inside this room; callers see GmailError. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure'
  readonly kind: FailureKind
  /** What the caller is told when it ends here. */
  readonly gmailKind: GmailErrorKind
  readonly status: number | undefined
  readonly reason: string | undefined
  readonly retryAfterMs: number | undefined
  /** An answer came but it made no sense. Repeating seldom helps. */
  readonly nonsense: boolean
  /** Gmail may have done what was asked. False when it refused, or when no connection came about. */
  readonly begun: boolean

  constructor(
    kind: FailureKind,
    gmailKind: GmailErrorKind,
    detail: string,
    fields: {
      status?: number | undefined
      reason?: string | undefined
      retryAfterMs?: number | undefined
      nonsense?: boolean
      begun?: boolean
      cause?: unknown
    } = {},
  ) {
    super(detail, { cause: fields.cause })
    this.kind = kind
    this.gmailKind = gmailKind
    this.status = fields.status
    this.reason = fields.reason
    this.retryAfterMs = fields.retryAfterMs
    this.nonsense = fields.nonsense ?? false
    this.begun = fields.begun ?? kind === 'outage'
  }
}

const sentences: Record<GmailErrorKind, string> = {
  'not-found': 'Gmail has no such message or label',
  'history-expired': 'Gmail has forgotten the history since then',
  forbidden: 'Gmail does not permit this',
  invalid: 'Gmail refused the request as wrong',
  conflict: 'Gmail has one of that name already',
  throttled: 'Gmail allows no more requests for now',
  unavailable: 'Gmail cannot be reached',
}

/** The failure as callers see it. Google's words go to `detail` only. `maybeDone`: it must not be repeated blindly. */
export function toGmailError(failure: CallFailure, maybeDone = false): GmailError {
  return new GmailError(failure.gmailKind, sentences[failure.gmailKind], {
    ...(failure.status === undefined ? {} : { status: failure.status }),
    ...(failure.reason === undefined ? {} : { reason: failure.reason }),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
    detail: failure.message,
    maybeDone,
    cause: failure.cause ?? failure,
  })
}

/** An answer that cannot be what Gmail meant: HTML, cut JSON, a missing id. */
export function nonsense(detail: string, cause?: unknown, status?: number): CallFailure {
  return new CallFailure('outage', 'unavailable', detail, { nonsense: true, cause, status })
}
