import type { Admission, Door, Doorman, Refusal } from '#mail/doorman.ts'
import type { LoginThrottle } from './login-throttle.ts'
import type { Credentials } from './sasl.ts'

/** Asks the doorman on behalf of one door, slowly where somebody guesses. */
export interface Gatekeeper {
  /** Rejects only when aborted. */
  check(credentials: Credentials, remoteAddress: string, signal: AbortSignal): Promise<Admission | Refusal>
}

/** One throttle should serve all doors: it counts guesses over all of them. */
export function createGatekeeper(doorman: Doorman, throttle: LoginThrottle, door: Door): Gatekeeper {
  return {
    check: (credentials, remoteAddress, signal) =>
      throttle.attempt<Admission | Refusal>(
        { remoteAddress, user: credentials.user },
        () =>
          credentials.kind === 'password'
            ? doorman.password(credentials.user, credentials.password, door, remoteAddress)
            : doorman.bearer(credentials.user, credentials.token, door, remoteAddress),
        (verdict) => isRefusal(verdict) && verdict.refused === 'credentials',
        signal,
      ),
  }
}

export function isRefusal(verdict: Admission | Refusal): verdict is Refusal {
  return 'refused' in verdict
}
