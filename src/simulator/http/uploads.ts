import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { choices } from '../choices.ts'
import { badRequest, GmailError } from '../errors.ts'
import { parseParameters } from '../mime/headers.ts'
import type { ApiCall, Dispatch } from './call.ts'
import { boundaryOf, partsOf, readPart } from './multipart.ts'
import { answerOf, joinHeaders, sendAnswer, splitAddress } from './uploads-answer.ts'
import { leaveBodiesUnread, readBody, requestTooLarge } from './uploads-body.ts'
import { beginUpload, continueUpload } from './uploads-resumable.ts'
import { UploadSessions, type UploadSurroundings } from './uploads-session.ts'

/** The methods with an upload address, and how many octets of message each takes. Fact sheet sections 1.3 and 6. */
const methods = [
  ['messages', choices.insertBytes],
  ['messages/import', choices.insertBytes],
  ['messages/send', choices.sendBytes],
  ['drafts', choices.sendBytes],
  ['drafts/send', choices.sendBytes],
  ['drafts/:draftId', choices.sendBytes],
] as const

const prefixes = ['/resumable/upload', '/upload'] as const

/**
 * The upload addresses: uploadType media (the body is the message), multipart (JSON, then the message) and resumable.
 * Each completed upload becomes one ApiCall with `media`, whose path has no upload prefix.
 */
export function registerUploads(app: FastifyInstance, dispatch: Dispatch, options: UploadSurroundings): void {
  const sessions = new UploadSessions(options)
  void app.register(async (scope) => {
    leaveBodiesUnread(scope)
    scope.setErrorHandler((error, _request, reply) => {
      if (error instanceof GmailError) return sendAnswer(reply, answerOf(error))
      throw error
    })
    for (const prefix of prefixes) {
      for (const [path, limit] of methods) {
        scope.route({
          method: ['POST', 'PUT'],
          url: `${prefix}/gmail/v1/users/:userId/${path}`,
          handler: (request, reply) => upload(request, reply, { prefix, limit, sessions, dispatch, options }),
        })
      }
    }
  })
}

/** One upload address and what is behind it. */
interface UploadRoute {
  readonly prefix: string
  readonly limit: number
  readonly sessions: UploadSessions
  readonly dispatch: Dispatch
  readonly options: UploadSurroundings
}

async function upload(
  request: FastifyRequest,
  reply: FastifyReply,
  route: UploadRoute,
): Promise<FastifyReply> {
  const { prefix, limit, sessions, dispatch } = route
  const call = callOf(request, prefix)
  const uploadId = call.query.get('upload_id')
  if (uploadId !== null) {
    return continueUpload(request, reply, sessions.find(uploadId, call.path), dispatch)
  }
  const contentType = call.headers['content-type'] ?? ''
  const multipart = parseParameters(contentType.slice(0, 1000)).value === 'multipart/related'
  switch (call.query.get('uploadType') ?? (multipart ? 'multipart' : 'media')) {
    case 'media': {
      requireMessage(contentType)
      return sendAnswer(reply, await dispatch({ ...call, media: await readBody(request.raw, limit) }))
    }
    case 'multipart': {
      const boundary = boundaryOf(contentType, 'multipart/related')
      if (boundary === undefined) throw unsupportedType(contentType)
      // Room for the message in base64, too.
      const body = await readBody(request.raw, Math.ceil(limit * 1.4) + choices.jsonBodyBytes)
      return sendAnswer(reply, await dispatch({ ...call, ...readRelated(body, boundary, limit) }))
    }
    case 'resumable': {
      requireMessage(call.headers['x-upload-content-type'] ?? '')
      route.options.admit?.(call)
      const body = await readBody(request.raw, choices.jsonBodyBytes)
      return beginUpload(request, reply, sessions, { ...call, body }, limit)
    }
    default:
      throw badRequest('Invalid upload request: uploadType must be media, multipart or resumable.')
  }
}

function callOf(request: FastifyRequest, prefix: string): ApiCall {
  const { path, query } = splitAddress(request)
  return {
    method: request.method,
    path: path.slice(prefix.length),
    query,
    headers: joinHeaders(request),
    body: Buffer.alloc(0),
    media: undefined,
  }
}

/** JSON first, then the message, by position. Content-Transfer-Encoding base64 is undone. */
function readRelated(body: Buffer, boundary: string, limit: number): { body: Buffer; media: Buffer } {
  const [first, second, ...more] = partsOf(body, boundary).take(3)
  if (first === undefined || second === undefined || more.length > 0) {
    throw badRequest('Malformed multipart body.')
  }
  const metadata = readPart(first)
  const message = readPart(second)
  requireMessage(message.headers.get('content-type') ?? '')
  const type = metadata.headers.get('content-type')
  if (type !== undefined && parseParameters(type).value !== 'application/json') throw unsupportedType(type)
  const encoded = message.headers.get('content-transfer-encoding')?.trim().toLowerCase() === 'base64'
  const media = encoded ? Buffer.from(message.body.toString('latin1'), 'base64') : message.body
  if (media.length > limit) throw requestTooLarge()
  return { body: metadata.body, media }
}

/** Discovery accepts `message/*` and nothing else; no type at all passes. */
function requireMessage(contentType: string): void {
  if (contentType !== '' && !parseParameters(contentType.slice(0, 1000)).value.startsWith('message/')) {
    throw unsupportedType(contentType)
  }
}

function unsupportedType(contentType: string): GmailError {
  return badRequest(`Media type '${contentType.slice(0, 200)}' is not supported.`)
}
