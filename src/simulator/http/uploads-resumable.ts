import type { FastifyReply, FastifyRequest } from 'fastify'
import { badRequest, notFound } from '../errors.ts'
import type { ApiAnswer, ApiCall, Dispatch } from './call.ts'
import { sendAnswer } from './uploads-answer.ts'
import { octetsOf, requestTooLarge } from './uploads-body.ts'
import type { UploadSession, UploadSessions } from './uploads-session.ts'

/** What Google keeps of a chunk that is not the last is a multiple of this. */
const chunkBytes = 256 * 1024

/** What a PUT says of itself. `end` is exclusive. */
interface ContentRange {
  readonly start: number
  readonly end: number | undefined
  readonly total: number | undefined
  /** It brings nothing and asks how much has come. */
  readonly query: boolean
}

/** 200 with the address to put the octets to. `call` is what the completed upload will be, without media. */
export function beginUpload(
  request: FastifyRequest,
  reply: FastifyReply,
  sessions: UploadSessions,
  call: ApiCall,
  limit: number,
): FastifyReply {
  const announced = call.headers['x-upload-content-length']
  if (announced !== undefined && !/^\d{1,15}$/.test(announced)) {
    throw badRequest('Invalid X-Upload-Content-Length header.')
  }
  const total = announced === undefined ? undefined : Number(announced)
  if (total !== undefined && total > limit) throw requestTooLarge()
  const session = sessions.begin(call, limit, total)
  const address = new URL(
    request.raw.url ?? '',
    `${request.protocol}://${request.headers.host ?? 'localhost'}`,
  )
  address.searchParams.set('upload_id', session.id)
  return reply.code(200).header('Location', address.href).header('X-GUploader-UploadID', session.id).send()
}

/** A PUT to that address: a chunk, the whole, or the question how much has come. Fact sheet section 6. */
export async function continueUpload(
  request: FastifyRequest,
  reply: FastifyReply,
  session: UploadSession | undefined,
  dispatch: Dispatch,
): Promise<FastifyReply> {
  if (session === undefined) throw notFound()
  const range = contentRange(request.headers['content-range'])
  if (session.answer === undefined) {
    agreeOnTotal(session, range.total)
    if (!range.query) {
      if (range.start > session.octets.length) return sendGap(reply, range.start, session.octets.length)
      await receive(request, session, range)
    }
    if (session.total === undefined || session.octets.length < session.total) {
      return sendIncomplete(request, reply, wholeChunks(session.octets.length))
    }
  }
  return sendAnswer(reply, await finish(session, dispatch))
}

/** The method is called once, however often its answer is asked for; again only after an answer that says: later. */
async function finish(session: UploadSession, dispatch: Dispatch): Promise<ApiAnswer> {
  session.answer ??= dispatch({ ...session.call, media: session.octets.view() })
  const awaited = session.answer
  const answer = await awaited.catch((error: unknown) => {
    session.answer = undefined
    throw error
  })
  if (answer.status >= 500 || answer.status === 429 || answer.status === 403 || answer.status === 401) {
    if (session.answer === awaited) session.answer = undefined
  } else session.octets.clear()
  return answer
}

async function receive(request: FastifyRequest, session: UploadSession, range: ContentRange): Promise<void> {
  const { octets } = session
  const turn = Symbol('turn')
  session.turn = turn
  const expected = session.total ?? Number(request.headers['content-length'] ?? 0)
  let at = range.start
  let whole = false
  try {
    for await (const piece of octetsOf(request.raw)) {
      if (session.turn !== turn) throw badRequest('Another request continues this upload.')
      if (range.end !== undefined && at + piece.length > range.end) throw wrongLength()
      // What has come already is passed over: the client did not hear that it had.
      const known = Math.min(piece.length, Math.max(0, octets.length - at))
      octets.append(piece.subarray(known), expected)
      at += piece.length
    }
    if (session.turn !== turn) throw badRequest('Another request continues this upload.')
    if (range.end !== undefined && at !== range.end) throw wrongLength()
    if (range.end === undefined) agreeOnTotal(session, at)
    whole = session.total === octets.length
    if (!whole && at - range.start < chunkBytes) throw chunkTooSmall(at - range.start)
  } finally {
    if (session.turn === turn) {
      session.turn = undefined
      if (!whole) octets.truncate(wholeChunks(octets.length))
    }
  }
}

function agreeOnTotal(session: UploadSession, total: number | undefined): void {
  if (total === undefined) return
  if (total > session.limit) throw requestTooLarge()
  if (total < session.octets.length || (session.total !== undefined && session.total !== total)) {
    throw badRequest(
      `Invalid request. According to the Content-Range header, the final size of the upload is ${total} byte(s), which does not match the expected size of ${session.total ?? session.octets.length} byte(s).`,
    )
  }
  session.total = total
}

/** RFC 9110 section 14.4, with Google's `bytes *\/N` that asks. Without the header the body is the whole. */
function contentRange(text: string | undefined): ContentRange {
  if (text === undefined) return { start: 0, end: undefined, total: undefined, query: false }
  const found = /^bytes (?:\*|(\d{1,15})-(\d{1,15}))\/(\*|\d{1,15})$/i.exec(text.trim())
  if (found === null) throw badRequest('Failed to parse Content-Range header.')
  const [, first, last, of] = found
  const total = of === '*' || of === undefined ? undefined : Number(of)
  if (first === undefined || last === undefined) return { start: 0, end: 0, total, query: true }
  const [start, end] = [Number(first), Number(last) + 1]
  if (end <= start || (total !== undefined && end > total)) {
    throw badRequest('Failed to parse Content-Range header.')
  }
  return { start, end, total, query: false }
}

/** 308, which has no Location and so is no redirect. Clients whose library cannot be told ask for a 200. */
function sendIncomplete(request: FastifyRequest, reply: FastifyReply, received: number): FastifyReply {
  if (received > 0) reply.header('Range', `bytes=0-${received - 1}`)
  if (request.headers['x-guploader-no-308'] === 'yes') {
    return reply.code(200).header('X-HTTP-Status-Code-Override', '308').send()
  }
  return reply.code(308).send()
}

function sendGap(reply: FastifyReply, offset: number, received: number): FastifyReply {
  return reply
    .code(503)
    .type('text/plain; charset=utf-8')
    .send(
      `Invalid request.  According to the Content-Range header, the upload offset is ${offset} byte(s), which exceeds already uploaded size of ${received} byte(s).`,
    )
}

/** What stays, even if the request that is bringing more breaks off. */
function wholeChunks(length: number): number {
  return length - (length % chunkBytes)
}

function wrongLength(): Error {
  return badRequest('Invalid request. The Content-Range header does not agree with the length of the body.')
}

function chunkTooSmall(length: number): Error {
  return badRequest(
    `Invalid request.  The number of bytes uploaded is required to be equal or greater than ${chunkBytes}, except for the final request (it's recommended to be the exact multiple of ${chunkBytes}).  The received request contained ${length} bytes, which does not meet this requirement.`,
  )
}
