import { randomBytes } from 'node:crypto'
import Fastify from 'fastify'
import { registerOAuth } from '#simulator/oauth/oauth.ts'
import type { OAuth } from '#simulator/oauth/oauth.ts'
import { endpointsFrom } from '../endpoints.ts'
import type { Endpoints } from '../endpoints.ts'

export const clientId = 'client.apps.test'
export const clientSecret = 'not-secret'

export interface GoogleForTests {
  readonly base: string
  readonly endpoints: Endpoints
  readonly oauth: OAuth
  /** Bodies of the requests to the token endpoint. */
  readonly tokenRequests: URLSearchParams[]
  /** What the next token answers are changed by; undefined leaves the answer alone. */
  answer: ((body: Record<string, unknown>) => { status: number; body: string } | undefined) | undefined
  /** Milliseconds on Google's clock. */
  nowMs: number
  close(): Promise<void>
}

/** The simulator's OAuth server on a port of its own, with getProfile of the Gmail API beside it. */
export async function startGoogle(
  accounts = ['demo@gmail.test', 'peer@gmail.test'],
): Promise<GoogleForTests> {
  const app = Fastify({ forceCloseConnections: true })
  const tokenRequests: URLSearchParams[] = []
  let base = ''
  const oauth = registerOAuth(app, {
    hasAccount: (address) => accounts.includes(address.toLowerCase()),
    accounts: () => accounts,
    now: () => google.nowMs,
    randomBytes,
    clientId,
    clientSecret,
    baseUrl: () => base,
  })
  app.addHook('preHandler', async (request) => {
    if (request.url === '/token') tokenRequests.push(request.body as URLSearchParams)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.url !== '/token' || google.answer === undefined) return payload
    const changed = google.answer(JSON.parse(payload as string) as Record<string, unknown>)
    if (changed === undefined) return payload
    reply.code(changed.status).removeHeader('content-length')
    return changed.body
  })
  app.get('/gmail/v1/users/me/profile', async (request, reply) => {
    const token = oauth.verify((request.headers.authorization ?? '').replace(/^Bearer /, ''))
    if (token === undefined) return reply.code(401).send({ error: { code: 401 } })
    return { emailAddress: token.address, historyId: '1' }
  })
  const google: GoogleForTests = {
    base,
    endpoints: endpointsFrom({}),
    oauth,
    tokenRequests,
    answer: undefined,
    nowMs: Date.now(),
    close: () => app.close(),
  }
  base = await app.listen({ host: '127.0.0.1', port: 0 })
  return Object.assign(google, {
    base,
    endpoints: endpointsFrom({ authUrl: base, tokenUrl: base, apiUrl: base }),
  })
}
