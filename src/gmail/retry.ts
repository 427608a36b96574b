import type { Clock, Log } from '#mail/surroundings.ts'
import { CallFailure, toGmailError } from './failure.ts'
import type { Lane } from './gmail.ts'
import { throttledPatienceMs } from './scheduler.ts'
import type { Ticket } from './ticket.ts'

/** Repeats what failed for a passing reason until it succeeds or patience ends; then throws GmailError. */
export interface Retry {
  /**
   * With `if-not-begun` a failure that leaves open whether Gmail did it ends the call at once, with `maybeDone`.
   */
  persist<T>(ticket: Ticket, repeat: 'always' | 'if-not-begun', attempt: () => Promise<T>): Promise<T>
}

/** How long a call of this lane waits for a Gmail that is not there, in milliseconds. Cached mail is served meanwhile. */
const outagePatienceMs: Readonly<Record<Lane, number>> = {
  person: 30_000,
  // The sync begins its step again by itself, and until then nobody knows that anything is wrong.
  sync: 20_000,
  bulk: 5 * 60_000,
  prefetch: 15 * 60_000,
}

/** An answer that makes no sense seldom makes sense later: it must not hold up a lane for an hour. */
const nonsenseAttempts = 4
const backOffBaseMs = 500
const backOffMaxMs = 64_000

export function createRetry(options: { clock: Clock; log: Log; random?: () => number }): Retry {
  const { clock, log, random = Math.random } = options

  /** Sleeps, but not on when somebody more urgent comes to want the same. */
  async function rest(ticket: Ticket, ms: number): Promise<void> {
    const urged = new AbortController()
    const stop = ticket.onPromote(() => urged.abort())
    const signal = ticket.signal === undefined ? urged.signal : AbortSignal.any([ticket.signal, urged.signal])
    try {
      await clock.sleep(ms, signal)
    } catch (error) {
      ticket.signal?.throwIfAborted()
      if (!urged.signal.aborted) throw error
    } finally {
      stop()
    }
  }

  return {
    async persist(ticket, repeat, attempt) {
      const stop = ticket.onPromote(() => {
        if (ticket.troubledSince !== undefined) ticket.troubledSince = clock.monotonicMs()
      })
      let outages = 0
      let nonsenses = 0
      try {
        for (;;) {
          try {
            return await attempt()
          } catch (error) {
            ticket.signal?.throwIfAborted()
            if (!(error instanceof CallFailure)) throw error
            if (error.kind === 'refused' || error.kind === 'token') throw toGmailError(error)
            if (repeat === 'if-not-begun' && error.begun) throw toGmailError(error, true)
            const now = clock.monotonicMs()
            ticket.troubledSince ??= now
            const left = (limit: Readonly<Record<Lane, number>>) =>
              (ticket.troubledSince ?? now) + limit[ticket.lane] - now
            if (error.kind === 'outage') {
              // An address that is not known will not be known soon.
              if (error.nonsense) nonsenses += error.status === undefined ? 1 : 2
              const ms = random() * Math.min(backOffMaxMs, backOffBaseMs * 2 ** Math.min(outages, 30))
              outages++
              if (nonsenses >= nonsenseAttempts || left(outagePatienceMs) <= ms) throw toGmailError(error)
              log.debug(
                { cause: ticket.cause, status: error.status, attempt: outages, err: error },
                'Gmail failed, trying again',
              )
              await rest(ticket, ms)
            } else if (left(throttledPatienceMs) <= 0) {
              throw toGmailError(error)
            }
            // A quota that refuses needs no rest here: the scheduler holds the whole account back.
          }
        }
      } finally {
        stop()
      }
    },
  }
}
