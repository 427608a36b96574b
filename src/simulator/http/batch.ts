import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { choices } from '../choices.ts'
import { badRequest, GmailError } from '../errors.ts'
import { ConnectionDropped } from '../faults.ts'
import { readInnerCall, writeInnerAnswer, type InnerCall } from './batch-part.ts'
import type { ApiAnswer, Dispatch } from './call.ts'
import { boundaryOf, partsOf } from './multipart.ts'
import { answerOf, joinHeaders, sendAnswer, splitAddress } from './uploads-answer.ts'
import { leaveBodiesUnread, readBody } from './uploads-body.ts'

/** Of all calls together. Nobody has published a limit; clients keep to 8 MiB (fact sheet section 1.3). */
const bodyLimit = 32 * 1024 * 1024

/**
 * The batch endpoint: up to 100 calls in one multipart/mixed of application/http. They start together; the answers are
 * in the order of the calls. Fact sheet sections 1.3 and 6.
 */
export function registerBatch(app: FastifyInstance, dispatch: Dispatch): void {
  void app.register(async (scope) => {
    leaveBodiesUnread(scope)
    scope.setErrorHandler((error, _request, reply) => {
      if (error instanceof GmailError) return sendAnswer(reply, answerOf(error))
      throw error
    })
    for (const url of ['/batch', '/batch/gmail/v1']) {
      scope.post(url, (request, reply) => batch(request, reply, dispatch))
    }
  })
}

async function batch(
  request: FastifyRequest,
  reply: FastifyReply,
  dispatch: Dispatch,
): Promise<FastifyReply> {
  const boundary = boundaryOf(request.headers['content-type'] ?? '', 'multipart/mixed')
  if (boundary === undefined) {
    throw badRequest(
      'Failed to parse batch request: the Content-Type must be multipart/mixed with a boundary.',
    )
  }
  const calls = readCalls(request, await readBody(request.raw, bodyLimit), boundary)
  const answers = await Promise.all(calls.map(({ call }) => answerTo(call, dispatch)))
  const mark = `batch_${randomBytes(18).toString('base64url')}`
  const parts = calls.map(({ contentId }, at) => {
    const answer = answers[at] as ApiAnswer
    return `--${mark}\r\n${writeInnerAnswer(contentId, answer)}\r\n`
  })
  return reply
    .code(200)
    .type(`multipart/mixed; boundary=${mark}`)
    .send(`${parts.join('')}--${mark}--\r\n`)
}

/** The first hundred are read, all are counted. */
function readCalls(request: FastifyRequest, body: Buffer, boundary: string): InnerCall[] {
  const envelope = { query: splitAddress(request).query, headers: joinHeaders(request) }
  const calls: InnerCall[] = []
  let received = 0
  for (const part of partsOf(body, boundary)) {
    received += 1
    if (received <= choices.callsPerBatch) calls.push(readInnerCall(part, envelope))
  }
  if (received > choices.callsPerBatch) {
    throw badRequest(
      `Inner request count exceeds the limit. Received: ${received}, Limit: ${choices.callsPerBatch}`,
    )
  }
  return calls
}

async function answerTo(call: InnerCall['call'], dispatch: Dispatch): Promise<ApiAnswer> {
  if (call instanceof GmailError) return answerOf(call)
  try {
    return await dispatch(call)
  } catch (error) {
    // The whole batch has one connection.
    if (error instanceof ConnectionDropped) throw error
    return answerOf(
      error instanceof GmailError ? error : new GmailError(500, 'backendError', 'Backend Error'),
    )
  }
}
