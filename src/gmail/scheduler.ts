import type { Clock } from '#mail/surroundings.ts'
import type { Budget } from './budget.ts'
import { CallFailure } from './failure.ts'
import type { BudgetState, Lane } from './gmail.ts'
import { lanes } from './ticket.ts'
import type { Ticket } from './ticket.ts'

/**
 * Decides when a request of one account may start: when it is the first of the most urgent lane that waits, a place is
 * free, the budgets have its units, and Google does not hold us back.
 */
export interface Scheduler {
  /**
   * Runs `work` in its turn and gives what it gives. Rejects with the ticket's abort reason while it waits, or with a
   * CallFailure when Google held the account back for longer than the lane waits.
   */
  run<T>(ticket: Ticket, units: number, work: () => Promise<T>): Promise<T>
  state(): BudgetState
}

/** How long a call of this lane waits for a quota that refuses, in milliseconds. */
export const throttledPatienceMs: Readonly<Record<Lane, number>> = {
  person: 60_000,
  sync: 15 * 60_000,
  bulk: 15 * 60_000,
  prefetch: 60 * 60_000,
}

/** What prefetch and bulk leave over for somebody who waits: five messages, or one batch and more. */
const reserveUnits = 100
/** Places in flight that only a person or the sync may take. */
const reservePlaces = 2
/** While Google refuses: two requests a second. Reliability sheet section 3. */
const limitedIntervalMs = 500
/** So many answers in a row end the slow walk after a refusal. */
const recoveredAfter = 8
/** Fact sheet section 1.4: start at 1 s, at most 64 s. */
const backOffBaseMs = 1000
const backOffMaxMs = 64_000
/** Retry times are often wrong: try again after a minute whatever they say. */
const longestObedienceMs = 60_000
/** Made once: a reason costs a stack. */
const cancelled = new Error('The alarm is cancelled')

interface Waiting {
  readonly ticket: Ticket
  readonly units: number
  since: number
  start(): void
  giveUp(failure: CallFailure): void
}

/** Throws RangeError for a concurrency below 1. */
export function createScheduler(options: {
  budgets: readonly [Budget, ...Budget[]]
  clock: Clock
  random?: () => number
  maxConcurrent?: number
}): Scheduler {
  const { budgets, clock, random = Math.random, maxConcurrent = 8 } = options
  if (!Number.isInteger(maxConcurrent) || maxConcurrent < 1)
    throw new RangeError(`Cannot run ${maxConcurrent} requests at once: it must be an integer from 1`)

  const queues = new Map<Lane, Waiting[]>(lanes.map((lane) => [lane, []]))
  let inFlight = 0
  /** Falls by half when Google calls us crowded, rises by one after so many answers. */
  let places = maxConcurrent
  let answersInARow = 0
  let refusalsInARow = 0
  let heldUntil = 0
  /** Since when Google refuses; undefined while all is well. */
  let limitedSince: number | undefined
  let lastStart = Number.NEGATIVE_INFINITY
  let lastFailure: CallFailure | undefined
  let alarm: { at: number; cancel: AbortController } | undefined

  /** Milliseconds until this call may start, or undefined when only the end of another one can let it. */
  function waitMs({ ticket, units }: Waiting, now: number): number | undefined {
    const urgent = ticket.lane === 'person' || ticket.lane === 'sync'
    const free = urgent ? places : Math.max(1, places - reservePlaces)
    if (inFlight >= free) return undefined
    let ms = heldUntil - now
    if (limitedSince !== undefined) ms = Math.max(ms, lastStart + limitedIntervalMs - now)
    for (const budget of budgets) {
      // A small bucket keeps less back, or the lower lanes would never get anything.
      const reserve = urgent ? 0 : Math.min(reserveUnits, budget.capacity / 2)
      ms = Math.max(ms, budget.waitMs(units, reserve))
    }
    return Math.max(0, ms)
  }

  function first(): Waiting | undefined {
    for (const lane of lanes) {
      const head = queues.get(lane)?.[0]
      if (head !== undefined) return head
    }
    return undefined
  }

  function pump(): void {
    giveUpTheImpatient()
    for (;;) {
      const head = first()
      if (head === undefined) return setAlarm(undefined)
      const now = clock.monotonicMs()
      const ms = waitMs(head, now)
      if (ms !== 0) return setAlarm(earliest(ms === undefined ? undefined : now + ms, nextEndOfPatience()))
      queues.get(head.ticket.lane)?.shift()
      for (const budget of budgets) budget.spend(head.units)
      inFlight++
      lastStart = now
      head.start()
    }
  }

  function endOfPatience({ ticket, since }: Waiting): number | undefined {
    // Waiting for one's turn is no failure, however long; being held back is.
    if (limitedSince === undefined) return undefined
    return (ticket.troubledSince ?? Math.max(since, limitedSince)) + throttledPatienceMs[ticket.lane]
  }

  function giveUpTheImpatient(): void {
    if (limitedSince === undefined) return
    const now = clock.monotonicMs()
    for (const queue of queues.values()) {
      // Of one lane the first has waited longest.
      for (
        let head = queue[0];
        head !== undefined && (endOfPatience(head) ?? now + 1) <= now;
        head = queue[0]
      ) {
        queue.shift()
        head.giveUp(lastFailure ?? new CallFailure('units', 'throttled', 'held back'))
      }
    }
  }

  function nextEndOfPatience(): number | undefined {
    let next: number | undefined
    for (const queue of queues.values()) {
      if (queue[0] !== undefined) next = earliest(next, endOfPatience(queue[0]))
    }
    return next
  }

  /** One timer at most; one that is early enough is left alone. */
  function setAlarm(at: number | undefined): void {
    if (alarm !== undefined && at !== undefined && alarm.at <= at) return
    alarm?.cancel.abort(cancelled)
    alarm = undefined
    if (at === undefined) return
    const mine = { at, cancel: new AbortController() }
    alarm = mine
    const ring = () => {
      if (alarm === mine) alarm = undefined
      pump()
    }
    clock.sleep(Math.max(0, at - clock.monotonicMs()), mine.cancel.signal).then(ring, () => {
      // Cancelled.
    })
  }

  function enqueue(entry: Waiting): void {
    const queue = queues.get(entry.ticket.lane) ?? []
    // A repeated or promoted call goes to where its number belongs; a new one to the end.
    let at = queue.length
    while (at > 0 && (queue[at - 1]?.ticket.number ?? 0) > entry.ticket.number) at--
    queue.splice(at, 0, entry)
  }

  function remove(entry: Waiting): boolean {
    for (const queue of queues.values()) {
      const at = queue.indexOf(entry)
      if (at < 0) continue
      queue.splice(at, 1)
      return true
    }
    return false
  }

  function answered(startedAt: number): void {
    // An answer to a request from before the last refusal says nothing about now.
    if (startedAt < heldUntil) return
    refusalsInARow = 0
    answersInARow++
    if (answersInARow < recoveredAfter) return
    answersInARow = 0
    limitedSince = undefined
    places = Math.min(maxConcurrent, places + 1)
  }

  function refused(failure: CallFailure, startedAt: number): void {
    const now = clock.monotonicMs()
    answersInARow = 0
    lastFailure = failure
    limitedSince ??= now
    // Requests that were under way together are refused together: that is one refusal.
    if (startedAt < heldUntil) return
    if (failure.kind === 'crowded') places = Math.max(1, places >> 1)
    else budgets[0].empty()
    const jitter = random() * Math.min(backOffMaxMs, backOffBaseMs * 2 ** refusalsInARow)
    refusalsInARow = Math.min(refusalsInARow + 1, 30)
    const advised = Math.min(failure.retryAfterMs ?? 0, longestObedienceMs)
    heldUntil = Math.max(heldUntil, now + Math.max(jitter, advised))
  }

  async function work<T>(ticket: Ticket, job: () => Promise<T>): Promise<T> {
    const startedAt = clock.monotonicMs()
    try {
      ticket.signal?.throwIfAborted()
      const result = await job()
      answered(startedAt)
      return result
    } catch (error) {
      if (error instanceof CallFailure) {
        if (error.kind === 'units' || error.kind === 'crowded') refused(error, startedAt)
        else if (error.kind !== 'outage') answered(startedAt)
      }
      throw error
    } finally {
      inFlight--
      pump()
    }
  }

  return {
    run(ticket, units, job) {
      return new Promise((resolve, reject) => {
        const { signal } = ticket
        if (signal?.aborted) return reject(signal.reason as Error)
        const leave = () => {
          signal?.removeEventListener('abort', onAbort)
          stopListening()
        }
        const entry: Waiting = {
          ticket,
          units,
          since: clock.monotonicMs(),
          start() {
            leave()
            work(ticket, job).then(resolve, reject)
          },
          giveUp(failure) {
            leave()
            reject(failure)
          },
        }
        const onAbort = () => {
          leave()
          remove(entry)
          reject(signal?.reason as Error)
          pump()
        }
        const stopListening = ticket.onPromote(() => {
          if (!remove(entry)) return
          entry.since = clock.monotonicMs()
          enqueue(entry)
          pump()
        })
        signal?.addEventListener('abort', onAbort, { once: true })
        enqueue(entry)
        pump()
      })
    },
    state() {
      const waiting = { person: 0, sync: 0, bulk: 0, prefetch: 0 }
      for (const [lane, queue] of queues) waiting[lane] = queue.length
      return {
        unitsPerMinute: budgets[0].unitsPerMinute,
        availableUnits: Math.max(0, Math.min(...budgets.map((budget) => budget.available()))),
        waiting,
        inFlight,
        heldMs: Math.max(0, Math.ceil(heldUntil - clock.monotonicMs())),
      }
    },
  }
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Math.min(a, b)
}
