import type { FastifyInstance } from 'fastify'
import { fitting, reachedAs, withheldFrom } from '../clients/place.ts'
import { sendPage, visitorOf } from '../guard.ts'
import { findAccount } from '../house.ts'
import type { House } from '../house.ts'
import { LiveFeed } from '../live.ts'
import { liveParts, shapeOf } from '../pages/live/live-parts.ts'
import type { LiveState } from '../pages/live/live-parts.ts'
import { overviewPage } from '../pages/overview.ts'
import { problemPage } from '../pages/problem.ts'
import { shownPage } from '../pages/shown.ts'
import type { Shelf } from '../shelf.ts'
import { script } from '../script.ts'
import { style } from '../style/style.ts'
import { Usage } from '../usage.ts'
import type { Visitors } from '../visitors.ts'

const sampleMs = 20_000

/** The overview, what is shown once, script and style sheet. */
export function registerOverview(app: FastifyInstance, house: House, visitors: Visitors, shelf: Shelf): void {
  const usage =
    house.spentUnits === undefined ? undefined : new Usage(house.clock, () => house.spentUnits?.() ?? 0)
  if (usage !== undefined) {
    const sampling = setInterval(() => usage.hour(), sampleMs).unref()
    app.addHook('onClose', async () => clearInterval(sampling))
  }
  const look = async (): Promise<LiveState> => ({
    accounts: await house.accounts(),
    clients: house.clients?.(),
    usage: usage?.hour(),
    allowedUnits: house.allowedUnits?.(),
    cache: house.cache?.(),
    troubles: house.troubles?.(),
  })
  const feed = new LiveFeed(async () => {
    const state = await look()
    const parts = [...liveParts(state)].map(([id, part]) => [id, part.text])
    return JSON.stringify({ shape: shapeOf(state), parts: Object.fromEntries(parts) as object })
  })

  app.get('/', async (request, reply) => {
    const visitor = visitorOf(request, reply, visitors)
    if (visitor === undefined) return reply
    const state = await look()
    const reached = reachedAs(house.mailServers(), request.headers.host ?? '')
    const text = overviewPage({
      state,
      // Those that no account has a use for would only puzzle.
      servers: reached.filter((server) => state.accounts.some((one) => fitting([server], one).length > 0)),
      formToken: visitors.formToken(visitor),
      missing: house.consent.missing,
    })
    return sendPage(reply, text)
  })

  app.get('/live', { exposeHeadRoute: false }, (request, reply) => {
    const visitor = visitorOf(request, reply, visitors)
    if (visitor === undefined) return reply
    if (feed.open(request, reply, () => visitors.isStillHere(visitor))) return reply
    return reply.code(503).header('Retry-After', '30').send()
  })

  // No HEAD: it would use up what is shown once.
  app.get('/shown', { exposeHeadRoute: false }, async (request, reply) => {
    const toShow = shelf.take(request)
    if (toShow !== undefined) {
      const account = await findAccount(house, toShow.address)
      const reached = reachedAs(house.mailServers(), request.headers.host ?? '')
      const place = { servers: fitting(reached, account), withheld: withheldFrom(account) }
      return sendPage(reply, shownPage(toShow, place))
    }
    const advice = 'A password is shown one time. If it was not noted, make another under “Passwords”.'
    return sendPage(reply, problemPage('This was shown already.', advice), 410)
  })

  app.get('/script.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script))

  app.get('/style.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(style))
}
