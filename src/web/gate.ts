import type { FastifyInstance } from 'fastify'
import { sendSignIn } from './guard.ts'
import { callbackPath } from './routes/connect.ts'
import { isDiscovery } from './routes/discovery.ts'
import type { Visitors } from './visitors.ts'

/**
 * What is open to who has not signed in: the way in, what supervisors and mail programs ask for, the public part of our
 * authority. Google's answer is bound to the browser that asked, and what is shown once to the browser that made it.
 */
const open = new Set([
  '/sign-in',
  '/style.css',
  '/script.js',
  '/healthz',
  '/readyz',
  callbackPath,
  '/shown',
  '/trust/authority.pem',
  '/trust/postern-authority.crt',
])

/** Shuts every other path, those that do not exist too, to who has not signed in. One place, so that no route forgets. */
export function shutGate(app: FastifyInstance, visitors: Visitors): void {
  app.addHook('onRequest', async (request, reply) => {
    const visitor = visitors.recognise(request, reply)
    if (visitor !== undefined) request.reached.signOutToken = visitors.formToken(visitor)
    else if (!open.has(request.url.split('?', 1)[0] ?? '') && !isDiscovery(request.url))
      return sendSignIn(request, reply)
  })
}
