import type { CallOptions } from './gmail.ts'
import { Ticket } from './ticket.ts'

/** Callers that want the same at once share one call. */
export interface SingleFlight<Key, Value> {
  /**
   * Joins the call for `key`, or starts it. The call runs in the most urgent lane of its callers; one that aborts leaves
   * the others alone, and when all have left the call is aborted.
   */
  join(key: Key, options: CallOptions, start: (ticket: Ticket) => Promise<Value>): Promise<Value>
}

interface Flight<Value> {
  readonly ticket: Ticket
  readonly value: Promise<Value>
  readonly abandon: AbortController
  callers: number
}

export function createSingleFlight<Key, Value>(): SingleFlight<Key, Value> {
  const flights = new Map<Key, Flight<Value>>()

  function launch(key: Key, options: CallOptions, start: (ticket: Ticket) => Promise<Value>): Flight<Value> {
    const abandon = new AbortController()
    const ticket = new Ticket({ lane: options.lane, cause: options.cause, signal: abandon.signal })
    const flight = { ticket, abandon, callers: 0, value: start(ticket) }
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    flight.value.then(land, land)
    flights.set(key, flight)
    return flight
  }

  return {
    async join(key, options, start) {
      const { signal } = options
      signal?.throwIfAborted()
      const underWay = flights.get(key)
      underWay?.ticket.watch?.shared()
      const flight = underWay ?? launch(key, options, start)
      flight.callers++
      flight.ticket.promote(options.lane)
      return await new Promise((resolve, reject) => {
        const onAbort = () => {
          reject(signal?.reason as Error)
          flight.callers--
          if (flight.callers > 0) return
          // Nobody may join a call that is being torn down.
          if (flights.get(key) === flight) flights.delete(key)
          flight.abandon.abort(signal?.reason)
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        flight.value.then(resolve, reject).finally(() => signal?.removeEventListener('abort', onAbort))
      })
    },
  }
}
