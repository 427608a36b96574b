import { GmailError } from './errors.ts'

/** What goes wrong with some of the next calls. */
export interface Fault {
  /** `messages.get`, `pubsub.pull`, `*` for all. */
  method: string
  /** Calls that still go wrong. */
  count: number
  /** Calls that go well before. */
  skip: number
  /** HTTP status of the answer. */
  status: number
  reason: string | undefined
  message: string | undefined
  retryAfterSeconds: number | undefined
  /** `after`: the method has its effect, the client hears of an error. */
  when: 'before' | 'after'
  /** The connection breaks instead of an answer. */
  drop: boolean
  /** The call takes this much longer; with status 0 and no drop that is all. */
  delayMs: number
}

/** The connection is to break now: whoever holds the socket does it. */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped'

  constructor() {
    super('The connection is dropped because a fault says so')
  }
}

const faultLimit = 1000

/** Faults in the order in which they were asked for; one call meets one at most. */
export class Faults {
  readonly #faults: Fault[] = []

  add(fault: Fault): void {
    if (this.#faults.length >= faultLimit) throw new RangeError(`There are ${faultLimit} faults already`)
    this.#faults.push({ ...fault })
  }

  list(): readonly Readonly<Fault>[] {
    return this.#faults
  }

  clear(): void {
    this.#faults.length = 0
  }

  /** The fault that this call meets; it counts. */
  take(method: string): Fault | undefined {
    const fault = this.#faults.find((one) => one.method === '*' || one.method === method)
    if (!fault) return undefined
    if (fault.skip > 0) {
      fault.skip -= 1
      return undefined
    }
    fault.count -= 1
    if (fault.count <= 0) this.#faults.splice(this.#faults.indexOf(fault), 1)
    return fault
  }
}

const reasons = new Map([
  [400, 'badRequest'],
  [401, 'authError'],
  [403, 'rateLimitExceeded'],
  [404, 'notFound'],
  [409, 'aborted'],
  [429, 'rateLimitExceeded'],
])

const messages = new Map([
  ['authError', 'Request had invalid authentication credentials.'],
  ['rateLimitExceeded', 'Resource has been exhausted (e.g. check quota).'],
  ['userRateLimitExceeded', 'User Rate Limit Exceeded'],
  ['dailyLimitExceeded', 'Daily Limit Exceeded'],
  ['insufficientPermissions', 'Request had insufficient authentication scopes.'],
  ['domainPolicy', 'The domain administrators have disabled Gmail apps.'],
  ['notFound', 'Requested entity was not found.'],
  ['failedPrecondition', 'Mail service not enabled'],
  ['backendError', 'Backend Error'],
])

/** Throws what the client is to see. Returns for a fault that is only a delay. `now` is for the time of a retry. */
export function strike(fault: Fault, now: number): void {
  if (fault.drop) throw new ConnectionDropped()
  if (fault.status === 0) return
  const reason = fault.reason ?? reasons.get(fault.status) ?? 'backendError'
  const seconds = fault.retryAfterSeconds
  // The time to retry is in the text, as Gmail writes it (fact sheet section 1.4), and in a header.
  const advice =
    seconds === undefined || fault.status !== 429
      ? undefined
      : `User-rate limit exceeded.  Retry after ${new Date(now + seconds * 1000).toISOString()}`
  const message = fault.message ?? advice ?? messages.get(reason) ?? 'Backend Error'
  const usage = fault.status === 403 && reason.toLowerCase().includes('limitexceeded')
  throw new GmailError(fault.status, reason, message, {
    retryAfterSeconds: seconds,
    ...(usage ? { domain: 'usageLimits' } : {}),
    ...(reason === 'failedPrecondition' ? { status: 'FAILED_PRECONDITION' } : {}),
    ...(fault.status === 401 ? { location: 'Authorization' } : {}),
  })
}
