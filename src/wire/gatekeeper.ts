import type { Admission, Door, Doorman, Refusal } from '#mail/doorman.ts'
import type { LoginThrottle } from './login-throttle.ts'
import type { Credentials } from './sasl.ts'

/** Asks the doorman on behalf of one door, slowly where somebody guesses. */
export interface Gatekeeper {
  /** `session` is what the logs call the connection. Rejects only when aborted. */
  check(
    credentials: Credentials,
    remoteAddress: string,
    signal: AbortSignal,
    session?: string,
  ): Promise<Admission | Refusal>
}

/** One throttle should serve all doors: it counts guesses over all of them. */
export function createGatekeeper(doorman: Doorman, throttle: LoginThrottle, door: Door): Gatekeeper {
  return {
    check: (credentials, remoteAddress, signal, session) =>
      throttle.attempt<Admission | Refusal>(
        { remoteAddress, user: credentials.user },
        () =>
          credentials.kind === 'password'
            ? doorman.password(credentials.user, credentials.password, door, remoteAddress, session)
            : doorman.bearer(credentials.user, credentials.token, door, remoteAddress, session),
        (verdict) => isRefusal(verdict) && verdict.refused === 'credentials',
        signal,
      ),
  }
}

/** Lets nobody in for whose account there is no place any more; `seat` keeps one. */
export function seated(gatekeeper: Gatekeeper, seat: (account: string) => boolean): Gatekeeper {
  return {
    async check(credentials, remoteAddress, signal, session) {
      const verdict = await gatekeeper.check(credentials, remoteAddress, signal, session)
      return isRefusal(verdict) || seat(verdict.address) ? verdict : crowded
    },
  }
}

/** The password is right: only somebody who may come in is told. */
const crowded: Refusal = {
  refused: 'crowded',
  text: 'This account has too many connections at once. Close some of them, or try again later',
}

export function isRefusal(verdict: Admission | Refusal): verdict is Refusal {
  return 'refused' in verdict
}
