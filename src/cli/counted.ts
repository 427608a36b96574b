import type { Admission, Doorman, Refusal } from '#mail/doorman.ts'
import type { AccountId } from '#mail/ids.ts'
import { MailError } from '#mail/errors.ts'
import type { Outbox } from '#mail/outbox.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Counters } from '#metrics/counters.ts'

/** The doorman, with every login counted and every refusal logged: where from and why, not with which name, which may be a password. */
export function countedDoorman(
  doorman: Doorman,
  {
    count,
    log,
    accountOf,
  }: {
    count: Counters
    log: Log
    /** The account that a user name is the address of. */
    accountOf: (user: string) => AccountId | undefined
  },
): Doorman {
  const told = (user: string, door: string, remoteAddress: string, verdict: Admission | Refusal) => {
    count.login(door, 'refused' in verdict ? verdict.refused : 'ok')
    if ('refused' in verdict) {
      const { refused, reason } = verdict
      log.info({ account: accountOf(user), door, remoteAddress, refused, reason }, 'login refused')
    }
    return verdict
  }
  return {
    password: async (user, password, door, from, session) =>
      told(user, door, from, await doorman.password(user, password, door, from, session)),
    bearer: async (user, token, door, from, session) =>
      told(user, door, from, await doorman.bearer(user, token, door, from, session)),
  }
}

/** The outbox, with every submission counted. */
export function countedOutbox(outbox: Outbox, count: Counters, clock: Clock): Outbox {
  return {
    senders: (signal) => outbox.senders(signal),
    async submit(submission, signal) {
      const beganMs = clock.monotonicMs()
      let result = 'ok'
      try {
        return await outbox.submit(submission, signal)
      } catch (error) {
        result = signal.aborted ? 'aborted' : error instanceof MailError ? error.code : 'failed'
        throw error
      } finally {
        count.send(result, clock.monotonicMs() - beganMs)
      }
    },
  }
}

/** The log, with every line counted that warns or complains. */
export function countedLog(log: Log, count: Counters): Log {
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn(fields, message) {
      count.trouble('warn', kindOf(fields))
      log.warn(fields, message)
    },
    error(fields, message) {
      count.trouble('error', kindOf(fields))
      log.error(fields, message)
    },
    child: (bindings) => countedLog(log.child(bindings), count),
  }
}

/** Our errors have kinds, the system's have codes; of others the name must do. */
function kindOf(fields: object): string {
  const { err } = fields as { err?: { kind?: unknown; code?: unknown; name?: unknown } }
  const found = [err?.kind, err?.code, err?.name].find((one) => typeof one === 'string')
  return typeof found === 'string' ? found : 'none'
}
