import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { Skipped } from './check.ts'
import { Pace, unitsOf } from './pace.ts'

const callTimeoutMs = 120_000
/** Answers that say: later. */
const retries = 6

export interface ApiRequest {
  readonly method?: string
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /** Becomes the JSON body. */
  readonly json?: unknown
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of the suite's; null sends none. */
  readonly token?: string | null
}

export interface ApiReply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** What an error envelope says. Fact sheet section 1.4. */
export interface Refusal {
  readonly status: number
  readonly message: string
  readonly reason: string
  readonly domain: string
  readonly rpcStatus: string
  readonly location: string | undefined
  readonly details: unknown
}

export interface ApiOptions {
  /** Scheme and host, as `https://gmail.googleapis.com`. */
  readonly base: string
  readonly token: string
  readonly unitsPerSecond: number
  /** How long to wait for what Gmail does a little later, such as indexing; 0 asks once. */
  readonly patienceMs: number
  readonly signal: AbortSignal
}

/** Any Gmail API over HTTP, without a library: what is seen is what was sent. */
export class GmailApi {
  readonly base: string
  readonly signal: AbortSignal
  readonly #token: string
  readonly #pace: Pace
  readonly #patienceMs: number

  constructor(options: ApiOptions) {
    this.base = options.base.replace(/\/+$/, '')
    this.signal = options.signal
    this.#token = options.token
    this.#pace = new Pace(options.unitsPerSecond)
    this.#patienceMs = options.patienceMs
  }

  /** What the calls so far cost, by the table of May 2026. */
  get units(): number {
    return this.#pace.spent
  }

  /**
   * Any answer. A path without a leading slash is below `/gmail/v1/users/me/`. Asks again when told: later.
   * @throws {Skipped} when the token's scopes do not permit the call.
   */
  async call(path: string, request: ApiRequest = {}): Promise<ApiReply> {
    return permitted(await this.ask(path, request), path)
  }

  /** The same, and a refusal for want of scopes is an answer like others. */
  ask(path: string, request: ApiRequest = {}): Promise<ApiReply> {
    const url = new URL(this.base + (path.startsWith('/') ? path : `/gmail/v1/users/me/${path}`))
    for (const [name, value] of Object.entries(request.query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one))
    }
    return this.#fetch(url, request, unitsOf(request.method ?? 'GET', url.pathname))
  }

  /** An address that is not below the base, or was given by an answer. */
  async fetch(url: URL, request: ApiRequest, units: number): Promise<ApiReply> {
    return permitted(await this.#fetch(url, request, units), url.pathname)
  }

  /** The JSON of a success. */
  async get<T>(path: string, request: ApiRequest = {}): Promise<T> {
    return JSON.parse(success(await this.call(path, request), path).text) as T
  }

  post<T>(path: string, json: unknown, request: ApiRequest = {}): Promise<T> {
    return this.get<T>(path, { method: 'POST', json, ...request })
  }

  /** A success without content: 204, or an empty 200. */
  async done(path: string, request: ApiRequest): Promise<ApiReply> {
    const reply = success(await this.call(path, request), path)
    assert.equal(reply.text.trim(), '', `${path} answered with content`)
    return reply
  }

  /** What a refusal says, in a whole envelope. */
  async refused(path: string, request: ApiRequest = {}): Promise<Refusal> {
    const reply = await this.call(path, request)
    const refusal = readRefusal(reply)
    if (refusal === undefined) {
      assert.fail(
        `${request.method ?? 'GET'} ${path} was not refused: ${reply.status} ${reply.text.slice(0, 200)}`,
      )
    }
    return refusal
  }

  /** Reads until it is as awaited, or patience ends: the last reading is returned all the same. */
  async eventually<T>(read: () => Promise<T>, awaited: (value: T) => boolean): Promise<T> {
    const until = performance.now() + this.#patienceMs
    for (let waitMs = 500; ; waitMs *= 2) {
      const value = await read()
      if (awaited(value) || performance.now() + waitMs > until) return value
      await pause(waitMs, undefined, { signal: this.signal })
    }
  }

  async #fetch(url: URL, request: ApiRequest, units: number): Promise<ApiReply> {
    for (let attempt = 0; ; attempt += 1) {
      await this.#pace.spend(units, this.signal)
      const response = await fetch(url, this.#init(request))
      const reply = { status: response.status, headers: response.headers, text: await response.text() }
      if (attempt === retries || !saysLater(reply)) return reply
      await pause(1000 * 2 ** attempt + Math.random() * 1000, undefined, { signal: this.signal })
    }
  }

  #init(request: ApiRequest): RequestInit {
    const headers = new Headers({ accept: 'application/json', ...request.headers })
    const token = request.token === undefined ? this.#token : request.token
    if (token !== null) headers.set('authorization', `Bearer ${token}`)
    let body = request.body
    if (request.json !== undefined) {
      headers.set('content-type', 'application/json')
      body = JSON.stringify(request.json)
    }
    return {
      method: request.method ?? 'GET',
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([this.signal, AbortSignal.timeout(callTimeoutMs)]),
      ...(body === undefined ? {} : { body }),
    }
  }
}

function success(reply: ApiReply, path: string): ApiReply {
  if (reply.status >= 200 && reply.status < 300) return reply
  return assert.fail(`${path} answered ${reply.status}: ${reply.text.slice(0, 300)}`)
}

/** Undefined when it is no error, or none in an envelope. Both the legacy array and `status` must be there. */
function readRefusal(reply: ApiReply): Refusal | undefined {
  if (reply.status < 400) return undefined
  let body: { error?: Record<string, unknown> }
  try {
    body = JSON.parse(reply.text) as { error?: Record<string, unknown> }
  } catch {
    return undefined
  }
  const { error } = body
  if (error === undefined) return undefined
  const [entry] = (error['errors'] ?? []) as Record<string, string | undefined>[]
  return {
    status: reply.status,
    message: String(error['message']),
    reason: entry?.['reason'] ?? '',
    domain: entry?.['domain'] ?? '',
    rpcStatus: String(error['status']),
    location: entry?.['location'],
    details: error['details'],
  }
}

/** @throws {Skipped} when it is the scopes that are wanting; gmail.metadata says it in words of its own. */
function permitted(reply: ApiReply, path: string): ApiReply {
  if (reply.status !== 403) return reply
  const refusal = readRefusal(reply)
  if (refusal === undefined) return reply
  const { reason, message } = refusal
  if (/^insufficientPermissions?$/.test(reason) || /^Metadata scope/i.test(message)) {
    throw new Skipped(`the token's scopes do not permit ${path.replaceAll(/\/[0-9a-f]{10,}/g, '/…')}`)
  }
  return reply
}

function saysLater(reply: ApiReply): boolean {
  if (reply.status === 429 || reply.status >= 500) return true
  return reply.status === 403 && /"(?:userR|r)ateLimitExceeded"/.test(reply.text)
}
