import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { GmailError } from '../errors.ts'
import { leaveBodiesUnread, readBody } from '../http/uploads-body.ts'
import { isOwnForm, requireLoopbackHost } from '../pages/defence.ts'
import { accountVerbs } from './account-verbs.ts'
import { mailVerbs } from './mail-verbs.ts'
import { ControlError, type ControlHouse, type Verb } from './verb.ts'
import { weatherVerbs } from './weather-verbs.ts'

const verbs = new Map<string, Verb>(
  [...mailVerbs, ...weatherVerbs, ...accountVerbs].map((verb) => [verb.name, verb]),
)
const bodyLimit = 256 * 1024 * 1024

/**
 * The simulator's own endpoint, not Google's: `POST /control` with `{"do": "deliver", …}` or `POST /control/deliver`
 * with the rest; `GET /control` describes the verbs. There is no password: only programs of this machine reach it.
 */
export function registerControl(app: FastifyInstance, house: ControlHouse): void {
  void app.register(async (scope) => {
    requireLoopbackHost(scope)
    leaveBodiesUnread(scope)
    scope.setErrorHandler((error, _request, reply) => {
      if (error instanceof ControlError) return refuse(reply, 400, error.message)
      if (error instanceof GmailError) return refuse(reply, error.code, error.message)
      if (error instanceof RangeError) return refuse(reply, 400, error.message)
      throw error
    })
    scope.get('/control', () => describeVerbs())
    scope.post('/control', async (request, reply) => {
      const { do: name, ...args } = await readArguments(request)
      return perform(request, reply, house, name, args)
    })
    scope.post<{ Params: { verb: string } }>('/control/:verb', async (request, reply) =>
      perform(request, reply, house, request.params.verb, await readArguments(request)),
    )
  })
}

function perform(
  request: FastifyRequest,
  reply: FastifyReply,
  house: ControlHouse,
  name: unknown,
  args: unknown,
) {
  // A web page that a person happens to look at must not move the simulator.
  if (!isOwnForm(request))
    return refuse(reply, 403, 'The control endpoint does not take orders from web pages')
  const verb = typeof name === 'string' ? verbs.get(name) : undefined
  if (!verb) return refuse(reply, 400, `There is no such verb; there are ${[...verbs.keys()].join(', ')}`)
  const parsed = verb.takes.safeParse(args)
  if (!parsed.success) return refuse(reply, 400, `${verb.name}: ${z.prettifyError(parsed.error)}`)
  return reply.send({ ok: true, ...verb.run(house, parsed.data) })
}

async function readArguments(request: FastifyRequest): Promise<Record<string, unknown>> {
  const octets = await readBody(request.raw, bodyLimit)
  if (octets.length === 0) return {}
  try {
    const value: unknown = JSON.parse(octets.toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Told below, like any other value that is no object.
  }
  throw new ControlError('The body must be a JSON object')
}

function refuse(reply: FastifyReply, status: number, error: string): FastifyReply {
  return reply.code(status).send({ ok: false, error })
}

function describeVerbs(): object {
  return {
    usage: 'POST /control {"do": VERB, …} or POST /control/VERB {…}',
    verbs: [...verbs.values()].map(({ name, does, takes }) => ({
      name,
      does,
      takes: z.toJSONSchema(takes, { io: 'input', unrepresentable: 'any' }),
    })),
  }
}
