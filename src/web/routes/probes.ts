import type { FastifyInstance } from 'fastify'
import type { House } from '../house.ts'

/** For supervisors: `/healthz` says that the process answers, `/readyz` that it can serve. No account is named. */
export function registerProbes(app: FastifyInstance, house: Pick<House, 'readiness'>): void {
  app.get('/healthz', (_request, reply) => reply.send({ alive: true }))

  app.get('/readyz', async (_request, reply) => {
    const { ready, reason } = await house.readiness()
    return reply.code(ready ? 200 : 503).send({ ready, reason })
  })
}
