import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { choices } from '../choices.ts'
import {
  GmailError,
  insufficientScope,
  invalidArgument,
  invalidCredential,
  missingCredential,
} from '../errors.ts'
import { strike, type Faults } from '../faults.ts'
import { parseBody, textsIn } from '../gmail/body.ts'
import type { Grants } from '../grants.ts'
import { answerOf, sendAnswer } from '../http/uploads-answer.ts'
import { leaveBodiesUnread, readBody } from '../http/uploads-body.ts'
import type { PubSub } from './pubsub.ts'

const scopes = ['https://www.googleapis.com/auth/pubsub', 'https://www.googleapis.com/auth/cloud-platform']
const pullLimit = 1000

export interface PubSubRoutesOptions {
  pubsub: PubSub
  grants: Pick<Grants, 'verify'>
  faults: Faults
  readonly now: () => number
}

/** `POST /v1/projects/P/subscriptions/S:pull` and `:acknowledge`. Fact sheet section 2.11. */
export function registerPubSub(app: FastifyInstance, options: PubSubRoutesOptions): void {
  const closing = new AbortController()
  void app.register(async (scope) => {
    leaveBodiesUnread(scope)
    scope.setErrorHandler((error, _request, reply) => {
      if (error instanceof GmailError) return sendAnswer(reply, answerOf(error))
      throw error
    })
    // Held pulls must not keep the server from closing.
    scope.addHook('preClose', async () => closing.abort())
    scope.post<{ Params: { project: string; '*': string } }>(
      '/v1/projects/:project/subscriptions/*',
      (request, reply) => subscriptionCall(request, reply, request.params, options, closing.signal),
    )
  })
}

async function subscriptionCall(
  request: FastifyRequest,
  reply: FastifyReply,
  { project, '*': target }: { project: string; '*': string },
  options: PubSubRoutesOptions,
  closing: AbortSignal,
): Promise<FastifyReply> {
  const { pubsub, faults, grants, now } = options
  const match = /^([^/:]{1,255}):(pull|acknowledge)$/.exec(target)
  if (!match) throw new GmailError(404, 'notFound', 'Not Found')
  const [, subscription = '', verb] = match
  checkToken(request, grants, `pubsub.${verb}`)
  const body = parseBody(await readBody(request.raw, choices.jsonBodyBytes))
  const fault = faults.take(`pubsub.${verb}`)
  if (fault) strike(fault, now())
  if (verb === 'acknowledge') {
    pubsub.acknowledge(project, subscription, textsIn(body, 'ackIds'))
    return reply.send({})
  }
  const most = body['maxMessages']
  if (typeof most !== 'number' || !(most >= 1))
    throw invalidArgument('The value for max_messages must be at least 1.')
  const limit = Math.min(Math.floor(most), pullLimit)
  const gone = new AbortController()
  const leave = () => gone.abort()
  reply.raw.once('close', leave)
  const signal = AbortSignal.any([gone.signal, closing])
  const until = performance.now() + (body['returnImmediately'] === true ? 0 : choices.pullHoldMs)
  let received = pubsub.take(project, subscription, limit)
  while (received.length === 0 && !signal.aborted) {
    const left = until - performance.now()
    if (left <= 0) break
    await pubsub.wait(left, signal)
    // Whoever has gone must not take messages along.
    if (!gone.signal.aborted) received = pubsub.take(project, subscription, limit)
  }
  reply.raw.off('close', leave)
  return reply.send(received.length === 0 ? {} : { receivedMessages: received })
}

function checkToken(request: FastifyRequest, grants: Pick<Grants, 'verify'>, method: string): void {
  const [scheme, credential] = (request.headers.authorization ?? '').split(' ', 2)
  if (scheme?.toLowerCase() !== 'bearer' || credential === undefined) throw missingCredential()
  const token = grants.verify(credential)
  if (!token) throw invalidCredential()
  if (!token.scopes.some((scope) => scopes.includes(scope))) throw insufficientScope(method)
}
