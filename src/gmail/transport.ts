import { Readable } from 'node:stream'
import { gmail } from 'googleapis/build/src/apis/gmail/index.js'
import type { gmail_v1 } from 'googleapis/build/src/apis/gmail/v1.js'
import { baseUrl } from '#mail/base-url.ts'
import type { Clock } from '#mail/surroundings.ts'
import { createAgents } from './agents.ts'
import type { AgentFor } from './agents.ts'
import { largestRawBytes, mayLackUploads } from './carriage.ts'
import type { Carriage } from './carriage.ts'
import { failureOf } from './error-answer.ts'
import { CallFailure, nonsense } from './failure.ts'

/** Room for a message of 157,286,400 bytes (fact sheet section 1.3) as base64 and the JSON around it. */
const largestAnswerBytes = Math.ceil((160 * 1024 * 1024 * 4) / 3)
const largestErrorBytes = 256 * 1024
/** To the first octet, and then between two. */
const silenceMs = 30_000
/** For the whole answer: 50 MB over a slow line. */
const wholeMs = 120_000
/** What an upload may take in addition: 100 kB a second. */
const uploadBytesPerMs = 100
const uploadSliceBytes = 64 * 1024
/** How long a server without uploads is not asked for one. */
const withoutUploadsMs = 3_600_000

export interface PerCall {
  readonly rootUrl: string
  readonly headers: Record<string, string>
  readonly agent: AgentFor
  readonly retry: false
  readonly redirect: 'manual'
  readonly responseType: 'stream'
  readonly validateStatus: () => boolean
  readonly signal: AbortSignal
}

/** Calls one method of the client library. Give `options` on as they are: they carry host, token and limits. */
export type Send = (api: gmail_v1.Gmail, options: PerCall) => Promise<Answer>

/** As Send, for a method that takes a message, which travels either way. */
export type SendMessage = (api: gmail_v1.Gmail, options: PerCall, message: Carriage) => Promise<Answer>

interface Answer {
  readonly status: number
  readonly data: unknown
  readonly headers: unknown
}

/** What matters of a request besides its content. */
export interface RequestTraits {
  /** history.list means something else by 404. */
  readonly isHistory: boolean
  /**
   * On a connection of its own: one that was kept open may be closed by the other side at that very moment, and then
   * nobody could tell whether the request was read.
   */
  readonly fresh: boolean
  readonly signal: AbortSignal | undefined
}

/** One HTTP request and its answer, no more: no repeating, no waiting. */
export interface Transport {
  /** The body of a successful answer. Throws CallFailure, or the signal's reason. */
  request(send: Send, token: string, traits: RequestTraits): Promise<Buffer>
  /** As `request`, with a message. Where no upload is taken a small one travels inside of JSON. */
  upload(send: SendMessage, bytes: Buffer, token: string, traits: RequestTraits): Promise<Buffer>
}

/** Throws TypeError when `apiUrl` is no URL. */
export function createTransport(options: { apiUrl: string; clock: Clock }): Transport {
  const { clock } = options
  const url = new URL(options.apiUrl)
  const rootUrl = `${baseUrl(options.apiUrl)}/`
  const agent = createAgents(url, { keepAlive: true })
  const freshAgent = createAgents(url, { keepAlive: false })
  /** Until this monotonic time the server is known to take none. */
  let uploadsFrom = Number.NEGATIVE_INFINITY
  // The domain is said so that GOOGLE_CLOUD_UNIVERSE_DOMAIN cannot send tokens elsewhere.
  const api = gmail({ version: 'v1', rootUrl, universeDomain: 'googleapis.com' })

  async function exchange(
    send: (perCall: PerCall) => Promise<Answer>,
    token: string,
    { isHistory, fresh, signal }: RequestTraits,
    deadline: Deadline,
  ): Promise<Buffer> {
    const perCall: PerCall = {
      // Per call too: with media the library forgets the client's own. Fact sheet section 5.6.
      rootUrl,
      headers: { authorization: `Bearer ${token}` },
      agent: fresh ? freshAgent : agent,
      // Repeating is for the layer above, which knows what a 403 means.
      retry: false,
      // Gmail does not redirect; a captive portal does.
      redirect: 'manual',
      responseType: 'stream',
      validateStatus: () => true,
      signal: signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]),
    }
    try {
      const { status, data, headers } = await send(perCall)
      const good = status >= 200 && status < 300
      const body = await readBody(data, good ? largestAnswerBytes : largestErrorBytes, deadline)
      if (good) return body
      throw failureOf(
        { status, retryAfter: header(headers, 'retry-after'), body: body.toString(), isHistory },
        clock.now(),
      )
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof CallFailure) throw error
      throw deadline.signal.aborted
        ? new CallFailure('outage', 'unavailable', 'Gmail did not answer in time')
        : fromThrown(error, isHistory, clock.now())
    } finally {
      deadline.end()
    }
  }

  async function asMedia(send: SendMessage, bytes: Buffer, token: string, traits: RequestTraits) {
    const deadline = new Deadline(clock, wholeMs + bytes.length / uploadBytesPerMs)
    const body = Readable.from(slices(bytes, deadline), { objectMode: false })
    const message = { media: { mimeType: 'message/rfc822', body }, sizeBytes: bytes.length }
    try {
      return await exchange((perCall) => send(api, perCall, message), token, traits, deadline)
    } finally {
      // The library forgets it when the request fails half-way.
      body.destroy()
    }
  }

  function asJson(send: SendMessage, bytes: Buffer, token: string, traits: RequestTraits) {
    const deadline = new Deadline(clock, wholeMs + bytes.length / uploadBytesPerMs)
    const message = { raw: bytes.toString('base64url') }
    return exchange((perCall) => send(api, perCall, message), token, traits, deadline)
  }

  return {
    async request(send, token, traits) {
      traits.signal?.throwIfAborted()
      return await exchange((perCall) => send(api, perCall), token, traits, new Deadline(clock, wholeMs))
    },

    async upload(send, bytes, token, traits) {
      traits.signal?.throwIfAborted()
      const isSmall = bytes.length <= largestRawBytes
      if (!isSmall || clock.monotonicMs() >= uploadsFrom)
        try {
          return await asMedia(send, bytes, token, traits)
        } catch (error) {
          if (!isSmall || !mayLackUploads(error)) throw error
        }
      const answer = await asJson(send, bytes, token, traits)
      uploadsFrom = clock.monotonicMs() + withoutUploadsMs
      return answer
    },
  }
}

/** What the socket takes is a sign of life as good as what it gives. */
function* slices(bytes: Buffer, deadline: Deadline): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += uploadSliceBytes) {
    deadline.heard()
    yield bytes.subarray(at, at + uploadSliceBytes)
  }
}

/** Made once: each request ends, and a reason costs a stack. */
const ended = new Error('The request has ended')

/** Ends a request that says nothing for too long or takes too long as a whole. */
class Deadline {
  readonly #controller = new AbortController()
  readonly #end = new AbortController()
  readonly #clock: Clock
  #heardAt: number

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#heardAt = clock.monotonicMs()
    this.#watch(this.#heardAt + limitMs).catch(() => {
      // The request ended first.
    })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  heard(): void {
    this.#heardAt = this.#clock.monotonicMs()
  }

  end(): void {
    this.#end.abort(ended)
  }

  async #watch(last: number): Promise<void> {
    for (;;) {
      const now = this.#clock.monotonicMs()
      const left = Math.min(last, this.#heardAt + silenceMs) - now
      if (left <= 0) break
      await this.#clock.sleep(left, this.#end.signal)
    }
    this.#controller.abort()
  }
}

async function readBody(data: unknown, limitBytes: number, deadline: Deadline): Promise<Buffer> {
  deadline.heard()
  // The library gives an empty string for 204.
  if (typeof data === 'string' || data === null || data === undefined) return Buffer.from(data ?? '')
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of data as AsyncIterable<Buffer>) {
    deadline.heard()
    sizeBytes += chunk.length
    // Leaving the loop destroys the stream: nothing more is read.
    if (sizeBytes > limitBytes) throw nonsense(`an answer of more than ${limitBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, sizeBytes)
}

/** The library may throw in two shapes: its own error with a response, or one whose `code` is a number or a word. */
function fromThrown(error: unknown, isHistory: boolean, nowMs: number): CallFailure {
  const thrown = error as {
    status?: unknown
    code?: unknown
    response?: { data?: unknown; headers?: unknown }
  }
  const status = [thrown.status, thrown.code].find((value) => typeof value === 'number')
  if (typeof status === 'number' && thrown.response !== undefined) {
    const { data, headers } = thrown.response
    const body = typeof data === 'string' ? data : JSON.stringify(data ?? '')
    return failureOf({ status, retryAfter: header(headers, 'retry-after'), body, isHistory }, nowMs)
  }
  const word = typeof thrown.code === 'string' ? thrown.code : 'no code'
  return new CallFailure('outage', 'unavailable', `no answer (${word})`, {
    begun: !neverConnected(error),
    cause: withoutRequest(error),
  })
}

/** These say of themselves that nothing was sent; any other fault may have come after Gmail had read the request. */
const connectCodes = new Set<unknown>(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])
const connectCalls = new Set<unknown>(['connect', 'getaddrinfo'])

function neverConnected(thrown: unknown): boolean {
  let error = thrown
  for (let depth = 0; depth < 5 && typeof error === 'object' && error !== null; depth++) {
    const { code, syscall, erroredSysCall, errors, cause } = error as Partial<Record<string, unknown>>
    if (connectCodes.has(code) || connectCalls.has(syscall) || connectCalls.has(erroredSysCall)) return true
    // Several addresses were tried.
    error = Array.isArray(errors) ? (errors[0] as unknown) : cause
  }
  return false
}

/** The library's errors hold the whole request, token and all; only what happened goes on. */
function withoutRequest(error: unknown): Error {
  return new Error(error instanceof Error ? error.message : 'unknown')
}

/** The library gives headers as a plain object, as fetch Headers or as node-fetch's, which are none of these. */
function header(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  const value: unknown =
    'get' in headers && typeof headers.get === 'function'
      ? (headers as Headers).get(name)
      : (headers as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : undefined
}
