import { randomBytes } from 'node:crypto'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Counters } from '#metrics/counters.ts'
import type { SignIn } from '#web/routes/sign-in.ts'
import { LoginThrottle } from '#wire/login-throttle.ts'
import { openAdminPassword } from './admin.ts'
import type { House } from './house.ts'
import type { Config } from './settings.ts'

/** How people sign in to the pages: throttled as logins of mail clients are, counted and written down. */
export async function signInFor(
  config: Config,
  { house, clock, log, count }: { house: House; clock: Clock; log: Log; count: Counters },
): Promise<SignIn> {
  const terminal = process.stderr.isTTY ? process.stderr : undefined
  const password = await openAdminPassword(config, { randomBytes, log, terminal })
  return {
    isRight: (given) => password.isRight(given),
    throttle: new LoginThrottle(clock),
    onAttempt(result, from) {
      count.login('web', result)
      house.audit?.record({ action: result === 'ok' ? 'login' : 'login-refused', by: 'web', from, result })
    },
  }
}
