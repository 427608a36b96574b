import { gzip, gzipSync } from 'node:zlib'
import { promisify } from 'node:util'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { choices } from '../choices.ts'
import { GmailError } from '../errors.ts'
import { findMethod } from '../gmail/methods.ts'
import type { Dispatch } from './call.ts'
import { answerOf, joinHeaders, sendAnswer, splitAddress } from './uploads-answer.ts'
import { leaveBodiesUnread, readBody } from './uploads-body.ts'

const compress = promisify(gzip)
/** A smaller answer is sent as it is. */
const gzipFrom = 1024
const squeezeUpTo = 16_384
/** What takes longer is packed beside the event loop. */
const packAtOnceUpTo = 1_000_000
const stored = { level: 0, memLevel: 5, windowBits: 9 }

/** `/gmail/v1/…`: every method without a media upload. */
export function registerGmail(app: FastifyInstance, dispatch: Dispatch): void {
  void app.register(async (scope) => {
    leaveBodiesUnread(scope)
    scope.setErrorHandler((error, _request, reply) => {
      if (error instanceof GmailError) return sendAnswer(reply, answerOf(error))
      throw error
    })
    scope.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/gmail/v1/*',
      handler: (request, reply) => callMethod(request, reply, dispatch),
    })
  })
}

async function callMethod(
  request: FastifyRequest,
  reply: FastifyReply,
  dispatch: Dispatch,
): Promise<FastifyReply> {
  const { path, query } = splitAddress(request)
  if (!findMethod(request.method, path)) return sendNotFound(request, reply)
  const body = request.method === 'GET' ? Buffer.alloc(0) : await readBody(request.raw, choices.jsonBodyBytes)
  const headers = joinHeaders(request)
  const answer = await dispatch({ method: request.method, path, query, headers, body, media: undefined })
  if (query.get('prettyPrint') !== 'false' || answer.body === undefined) return sendAnswer(reply, answer)
  return reply
    .code(answer.status)
    .headers(answer.headers)
    .type('application/json; charset=UTF-8')
    .send(JSON.stringify(answer.body))
}

/** A path that Google does not know is answered in HTML. */
export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = splitAddress(request).path.slice(0, 200).replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return reply
    .code(404)
    .type('text/html; charset=UTF-8')
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'")
    .send(
      '<!DOCTYPE html>\n<html lang="en">\n<title>Error 404 (Not Found)!!1</title>\n' +
        `<p><b>404.</b> That’s an error.\n<p>The requested URL <code>${path}</code> was not found on this server.\n`,
    )
}

/** Answers are packed for clients that accept gzip and name it in User-Agent too. Fact sheet section 6. */
export function packAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const { 'accept-encoding': accepted, 'user-agent': agent } = request.headers
    if (typeof payload !== 'string' || payload.length < gzipFrom) return payload
    if (
      typeof accepted !== 'string' ||
      !/\bgzip\b/i.test(accepted) ||
      agent?.toLowerCase().includes('gzip') !== true
    )
      return payload
    if (reply.hasHeader('content-encoding')) return payload
    reply.header('content-encoding', 'gzip').removeHeader('content-length')
    // The loopback is wide: a long answer is packed as gzip without being made smaller, which costs next to nothing.
    if (payload.length <= squeezeUpTo) return gzipSync(payload, { level: 1 })
    return payload.length <= packAtOnceUpTo ? gzipSync(payload, stored) : compress(payload, stored)
  })
}
