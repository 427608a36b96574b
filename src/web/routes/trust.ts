import { X509Certificate } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { sendPage, visitorOf } from '../guard.ts'
import type { House } from '../house.ts'
import { problemPage } from '../pages/problem.ts'
import { trustPage } from '../pages/trust.ts'
import type { Visitors } from '../visitors.ts'

/** How programs come to trust our certificate. The authority's certificate is public: every handshake shows it. */
export function registerTrust(app: FastifyInstance, house: House, visitors: Visitors): void {
  app.get('/trust', async (request, reply) => {
    if (visitorOf(request, reply, visitors) === undefined) return reply
    const authority = await house.authority?.()
    return sendPage(reply, trustPage(authority === undefined ? undefined : new X509Certificate(authority)))
  })

  for (const [path, type] of [
    ['authority.pem', 'application/x-pem-file'],
    ['postern-authority.crt', 'application/x-x509-ca-cert'],
  ] as const)
    app.get(`/trust/${path}`, async (_request, reply) => {
      const authority = await house.authority?.()
      if (authority === undefined)
        return sendPage(
          reply,
          problemPage('There is no authority of our own here.', 'See “Certificate”.'),
          404,
        )
      const content = path.endsWith('.pem') ? authority : new X509Certificate(authority).raw
      return reply.header('Content-Disposition', `attachment; filename="${path}"`).type(type).send(content)
    })
}
