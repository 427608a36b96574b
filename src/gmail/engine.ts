import { GrantError, MailError } from '#mail/errors.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { TokenSource } from '#mail/token-source.ts'
import { createBudget } from './budget.ts'
import type { Budget } from './budget.ts'
import { watched } from './call-watch.ts'
import type { CallWatch } from './call-watch.ts'
import { traitsByMethod } from './cost.ts'
import type { Method } from './cost.ts'
import { CallFailure } from './failure.ts'
import type { FailureKind } from './failure.ts'
import type { BudgetState, Lane, Spending } from './gmail.ts'
import { createLedger } from './ledger.ts'
import { createRetry } from './retry.ts'
import { createScheduler } from './scheduler.ts'
import type { Ticket } from './ticket.ts'
import { createTransport } from './transport.ts'
import type { RequestTraits, Send, SendMessage } from './transport.ts'

export interface GmailOptions {
  /** `https://gmail.googleapis.com` or another address below which the same is spoken. */
  readonly apiUrl: string
  readonly tokens: TokenSource
  readonly quotaPerMinute: number
  readonly clock: Clock
  readonly log: Log
  /** 0 up to 1, for the jitter of back-off. */
  readonly random?: () => number
  /** Shared by all accounts of one Google project. */
  readonly projectBudget?: Budget
  /** Requests at once; 8 when left out, Google gives no number. Fact sheet section 1.3. */
  readonly maxConcurrent?: number
  /** A request was answered, or came to nothing: `ok` or the kind of failure, without the time it waited for its turn. */
  onAnswer?(method: Method, outcome: 'ok' | FailureKind, ms: number): void
  /** A call is wished for: asked in the turn of whoever wishes it, before it waits for anything. */
  onCall?(method: Method, call: { readonly cause: string; readonly lane: Lane }): CallWatch | undefined
}

type Read<T> = (body: Buffer) => T | Promise<T>

/** Carries a call to its end: retry → scheduler → token → transport → answer, from the outside in. */
export interface Engine {
  /** Throws GmailError, GrantError or the signal's reason. */
  perform<T>(method: Method, ticket: Ticket, send: Send, read: Read<T>): Promise<T>
  /** As `perform`, with a message. */
  upload<T>(method: Method, ticket: Ticket, bytes: Buffer, send: SendMessage, read: Read<T>): Promise<T>
  budget(): BudgetState
  ledger(): readonly Spending[]
}

/** Throws TypeError or RangeError for options that make no sense. */
export function createEngine(options: GmailOptions): Engine {
  const { tokens, clock, log } = options
  const random = options.random === undefined ? {} : { random: options.random }
  const account = createBudget({ unitsPerMinute: options.quotaPerMinute, clock })
  const scheduler = createScheduler({
    budgets: options.projectBudget === undefined ? [account] : [account, options.projectBudget],
    clock,
    ...random,
    ...(options.maxConcurrent === undefined ? {} : { maxConcurrent: options.maxConcurrent }),
  })
  const retry = createRetry({ clock, log, ...random })
  const transport = createTransport({ apiUrl: options.apiUrl, clock })
  const ledger = createLedger()

  type Exchange = (token: string, traits: RequestTraits) => Promise<Buffer>

  async function accessToken(signal: AbortSignal | undefined): Promise<string> {
    try {
      return await tokens.accessToken(signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof GrantError || !(error instanceof MailError)) throw error
      throw new CallFailure('outage', 'unavailable', 'no access token to be had', {
        begun: false,
        cause: error,
      })
    }
  }

  function told(
    method: Method,
    ticket: Ticket,
    outcome: 'ok' | FailureKind,
    sentMs: number,
    status?: number,
  ) {
    const ms = clock.monotonicMs() - sentMs
    options.onAnswer?.(method, outcome, ms)
    ticket.watch?.answered(outcome, ms, status)
  }

  /** One request; after a 401 one more with another token. */
  async function attempt(method: Method, ticket: Ticket, exchange: Exchange): Promise<Buffer> {
    const { signal, cause } = ticket
    const fresh = traitsByMethod[method].repeat === 'if-not-begun'
    const traits = { isHistory: method === 'history.list', fresh, signal }
    for (let second = false; ; second = true) {
      const token = await accessToken(signal)
      ledger.sent(method, cause)
      const sentMs = clock.monotonicMs()
      try {
        const body = await exchange(token, traits)
        tokens.accepted?.(token)
        told(method, ticket, 'ok', sentMs, 200)
        return body
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error
        told(method, ticket, error.kind, sentMs, error.status)
        if (error.kind === 'units' || error.kind === 'crowded') ledger.refused(method, cause)
        if (error.kind !== 'token') throw error
        tokens.reject(token)
        if (second) throw error
      }
    }
  }

  function carryOut<T>(method: Method, ticket: Ticket, exchange: Exchange, read: Read<T>): Promise<T> {
    const { units, repeat } = traitsByMethod[method]
    ticket.watch = options.onCall?.(method, ticket)
    const result = retry.persist(ticket, repeat, async () => {
      const body = await scheduler.run(ticket, units, () => attempt(method, ticket, exchange))
      return await read(body)
    })
    return ticket.watch === undefined ? result : watched(result, ticket.watch)
  }

  return {
    perform: (method, ticket, send, read) =>
      carryOut(method, ticket, (token, traits) => transport.request(send, token, traits), read),
    upload: (method, ticket, bytes, send, read) =>
      carryOut(method, ticket, (token, traits) => transport.upload(send, bytes, token, traits), read),
    budget: () => scheduler.state(),
    ledger: () => ledger.lines(),
  }
}
