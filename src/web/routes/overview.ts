import type { FastifyInstance } from 'fastify'
import { isFromHere, formOf, queryOf, seeOther, sendPage, visitorOf } from '../guard.ts'
import { hideAddress } from '../headers.ts'
import type { House } from '../house.ts'
import { overviewPage } from '../pages/overview.ts'
import { enterPage, problemPage } from '../pages/problem.ts'
import { shownPage } from '../pages/shown.ts'
import type { Shelf } from '../shelf.ts'
import { style } from '../style.ts'
import type { Visitors } from '../visitors.ts'

/** The overview, what is shown once, the way in with an access key, the style sheet. */
export function registerOverview(app: FastifyInstance, house: House, visitors: Visitors, shelf: Shelf): void {
  app.get('/', async (request, reply) => {
    const visitor = visitorOf(request, reply, visitors)
    if (visitor === undefined) return reply
    const text = overviewPage({
      accounts: await house.accounts(),
      servers: house.mailServers(),
      formToken: visitors.formToken(visitor),
      missing: house.consent.missing,
    })
    return sendPage(reply, text)
  })

  // No HEAD: it would use up what is shown once.
  app.get('/shown', { exposeHeadRoute: false }, (request, reply) => {
    const toShow = shelf.take(request)
    if (toShow !== undefined) return sendPage(reply, shownPage(toShow, house.mailServers()))
    const advice = 'A password is shown one time. If it was not noted, make another under “Passwords”.'
    return sendPage(reply, problemPage('This was shown already.', advice), 410)
  })

  app.get('/enter', (request, reply) => {
    hideAddress(reply)
    const key = queryOf(request).get('key')
    if (key === null) return sendPage(reply, enterPage(false))
    return visitors.enter(key, reply) ? seeOther(reply, '/') : sendPage(reply, enterPage(true), 403)
  })

  app.post('/enter', (request, reply) => {
    const right = isFromHere(request) && visitors.enter(formOf(request).get('key') ?? '', reply)
    return right ? seeOther(reply, '/') : sendPage(reply, enterPage(true), 403)
  })

  app.get('/style.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(style))
}
