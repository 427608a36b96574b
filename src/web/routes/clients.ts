import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { guides } from '../clients/guides.ts'
import { fitting, reachedAs, withheldFrom } from '../clients/place.ts'
import type { Place } from '../clients/place.ts'
import { autoconfigXml } from '../discovery/autoconfig.ts'
import { autodiscoverXml } from '../discovery/autodiscover.ts'
import { mobileconfig } from '../discovery/mobileconfig.ts'
import { queryOf, sendPage, visitorOf } from '../guard.ts'
import { findAccount } from '../house.ts'
import type { House, MailServer } from '../house.ts'
import { clientPage, clientsPage } from '../pages/clients.ts'
import { problemPage } from '../pages/problem.ts'
import type { Visitors } from '../visitors.ts'
import { domainOf } from './discovery.ts'

const someone = 'you@gmail.com'

/** How each mail program is set up here, and its ready-made files. */
export function registerClients(app: FastifyInstance, house: House, visitors: Visitors): void {
  app.get('/clients', async (request, reply) => {
    if (visitorOf(request, reply, visitors) === undefined) return reply
    const account = await findAccount(house, queryOf(request).get('account'))
    return sendPage(reply, clientsPage(account?.address, withheldFrom(account)))
  })

  app.get('/clients/:name', async (request, reply) => {
    if (visitorOf(request, reply, visitors) === undefined) return reply
    const { name } = request.params as { name: string }
    const guide = guides.find((one) => one.name === name)
    if (guide === undefined) return notThere(reply)
    const addresses = (await house.accounts()).map(({ address }) => address)
    return sendPage(reply, clientPage(guide, await placeOf(request), addresses))
  })

  for (const name of ['apple-mail', 'ios'])
    app.get(`/clients/${name}/postern.mobileconfig`, async (request, reply) => {
      if (visitorOf(request, reply, visitors) === undefined) return reply
      const place = await placeOf(request)
      if (place.withheld?.includes('IMAP') === true) return sendingOnly(reply)
      const { address } = place
      const servers = withOutgoing(place, request)
      const text = mobileconfig({ servers, address, authority: await house.authority?.() })
      if (text === undefined)
        return sendPage(reply, problemPage('IMAP is switched off here.', 'Set POSTERN_IMAP_PORT.'), 404)
      const content = Buffer.from(text)
      const signed = (await house.sign?.(content)) ?? content
      return download(reply, 'postern.mobileconfig').type('application/x-apple-aspen-config').send(signed)
    })

  app.get('/clients/thunderbird/isp.xml', async (request, reply) => {
    if (visitorOf(request, reply, visitors) === undefined) return reply
    const place = await placeOf(request)
    if (place.withheld?.includes('IMAP') === true) return sendingOnly(reply)
    const domain = domainOf(place.address) ?? 'gmail.com'
    return download(reply, `${domain}.xml`)
      .type('text/xml; charset=utf-8')
      .send(autoconfigXml(withOutgoing(place, request), domain))
  })

  app.get('/clients/outlook/autodiscover.xml', async (request, reply) => {
    if (visitorOf(request, reply, visitors) === undefined) return reply
    const { servers, address } = await placeOf(request)
    return download(reply, 'autodiscover.xml')
      .type('text/xml; charset=utf-8')
      .send(autodiscoverXml(servers, address))
  })

  /** Apple's Mail and Thunderbird have no account without an outgoing server; ours says why it refuses. */
  function withOutgoing({ servers, withheld }: Place, request: FastifyRequest): readonly MailServer[] {
    if (withheld?.includes('SMTP') !== true) return servers
    const all = reachedAs(house.mailServers(), request.headers.host ?? '')
    return [...servers, ...all.filter(({ protocol }) => protocol === 'SMTP')]
  }

  /** For the account that is named, when it is one of ours; else the first. */
  async function placeOf(request: FastifyRequest): Promise<Place> {
    const host = request.headers.host ?? ''
    const account = (await findAccount(house, queryOf(request).get('account'))) ?? (await house.accounts())[0]
    return {
      servers: fitting(reachedAs(house.mailServers(), host), account),
      withheld: withheldFrom(account),
      address: account?.address ?? someone,
      url: `${request.reached.origin}/`,
      ownAuthority: (await house.authority?.()) !== undefined,
    }
  }
}

/** The name must be of letters, digits, dots and dashes. */
function download(reply: FastifyReply, name: string): FastifyReply {
  return reply.header('Content-Disposition', `attachment; filename="${name}"`)
}

function sendingOnly(reply: FastifyReply): FastifyReply {
  return sendPage(reply, problemPage('This mailbox is for sending only.', 'Change its access first.'), 404)
}

function notThere(reply: FastifyReply): FastifyReply {
  return sendPage(reply, problemPage('There is no such page.', 'Choose a mail program from the list.'), 404)
}
