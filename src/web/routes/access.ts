import type { FastifyInstance } from 'fastify'
import { tiers } from '#auth/scopes.ts'
import { queryOf, sendPage, visitorOf } from '../guard.ts'
import { findAccount } from '../house.ts'
import type { House } from '../house.ts'
import { accessPage } from '../pages/access.ts'
import { problemPage } from '../pages/problem.ts'
import type { Visitors } from '../visitors.ts'

/** What an account lets Postern do. Changing it is connecting it again, with another choice. */
export function registerAccess(app: FastifyInstance, house: House, visitors: Visitors): void {
  app.get('/access', async (request, reply) => {
    const visitor = visitorOf(request, reply, visitors)
    if (visitor === undefined) return reply
    const account = await findAccount(house, queryOf(request).get('account'))
    if (account === undefined)
      return sendPage(reply, problemPage('There is no such account.', 'Choose one on the overview.'), 404)
    const wanted = queryOf(request).get('access')
    return sendPage(
      reply,
      accessPage({
        account,
        formToken: visitors.formToken(visitor),
        chosen: tiers.find((tier) => tier === wanted) ?? account.access ?? 'modify',
        missing: house.consent.missing,
      }),
    )
  })
}
