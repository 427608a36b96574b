import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GmailError } from '../errors.ts'
import type { ApiAnswer } from './call.ts'

/** What a Dispatch answered, on the wire. */
export function sendAnswer(reply: FastifyReply, { status, headers, body }: ApiAnswer): FastifyReply {
  reply.code(status).headers(headers)
  if (body === undefined) return reply.send()
  if (!reply.hasHeader('content-type')) reply.type('application/json; charset=UTF-8')
  return reply.send(JSON.stringify(body, undefined, 2))
}

/** The answer to a request that never became a call. */
export function answerOf(error: GmailError): ApiAnswer {
  return { status: error.code, headers: {}, body: error.envelope() }
}

/** Path and query as they came, nothing decoded in the path. */
export function splitAddress(request: FastifyRequest): { path: string; query: URLSearchParams } {
  const address = request.raw.url ?? ''
  const mark = address.indexOf('?')
  if (mark < 0) return { path: address, query: new URLSearchParams() }
  return { path: address.slice(0, mark), query: new URLSearchParams(address.slice(mark + 1)) }
}

export function joinHeaders(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
}
