import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { settle } from './hand-clock.ts'

export interface SeenCall {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly token: string
  readonly body: string
  readonly bytes: Buffer
  readonly headers: IncomingHttpHeaders
}

/** What to answer: a status with a body, or anything the response object can do. */
export type Answer = { status?: number; json?: unknown; text?: string; headers?: Record<string, string> }
export type Behaviour = Answer | ((response: ServerResponse, call: SeenCall) => void)

/** A real HTTP server on loopback that answers what a test tells it to, in order; the last answer repeats. */
export class FakeGoogle {
  readonly calls: SeenCall[] = []
  readonly url: string
  readonly #server: ReturnType<typeof createServer>
  readonly #script: Behaviour[]

  static async start(...script: Behaviour[]): Promise<FakeGoogle> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new FakeGoogle(server, script)
  }

  constructor(server: ReturnType<typeof createServer>, script: Behaviour[]) {
    this.#server = server
    this.#script = script
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => this.#answer(request, response, Buffer.concat(chunks)))
    })
  }

  /** Waits until so many calls have come in. */
  async saw(count: number): Promise<void> {
    while (this.calls.length < count) await settle(1)
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #answer(request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
    const url = new URL(request.url ?? '/', this.url)
    const call: SeenCall = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      token: request.headers.authorization?.replace('Bearer ', '') ?? '',
      body: bytes.toString(),
      bytes,
      headers: request.headers,
    }
    this.calls.push(call)
    const behaviour = this.#script.length > 1 ? this.#script.shift() : this.#script[0]
    if (behaviour === undefined) throw new Error('The test gave no answer')
    if (typeof behaviour === 'function') return behaviour(response, call)
    response.writeHead(behaviour.status ?? 200, {
      'content-type': 'application/json; charset=UTF-8',
      ...behaviour.headers,
    })
    response.end(behaviour.text ?? (behaviour.json === undefined ? '' : JSON.stringify(behaviour.json)))
  }
}

/** Google's error envelope. Fact sheet section 1.4. */
export function refusal(
  status: number,
  reason: string,
  message = 'Refused',
  headers: Record<string, string> = {},
): Answer {
  return {
    status,
    headers,
    json: { error: { code: status, message, errors: [{ message, domain: 'global', reason }], status: 'X' } },
  }
}

/** A messages.get answer. */
export function rawAnswer(id: string, bytes: Buffer, more: Record<string, unknown> = {}): Answer {
  return {
    json: {
      id,
      threadId: id,
      internalDate: '1764000000000',
      snippet: 'Tom &amp; Jerry&#39;s',
      raw: bytes.toString('base64url'),
      ...more,
    },
  }
}
