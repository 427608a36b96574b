import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { reachedAs } from '../clients/place.ts'
import { askedAddress, autodiscoverXml } from '../discovery/autodiscover.ts'
import { autoconfigXml } from '../discovery/autoconfig.ts'
import { queryOf, sendPage } from '../guard.ts'
import { nameIn } from '../host-check.ts'
import type { House } from '../house.ts'
import { problemPage } from '../pages/problem.ts'

const autoconfigPaths = ['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml']
const autodiscoverPaths = ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml']

/**
 * Where programs look by themselves: at these paths of `autoconfig.DOMAIN`, `autodiscover.DOMAIN` or DOMAIN. The answers
 * hold nothing but servers and the address that was asked about, and are the same for known and unknown ones.
 */
export function isDiscovery(url: string): boolean {
  const [path = ''] = url.split('?', 1)
  return autoconfigPaths.includes(path) || autodiscoverPaths.includes(path)
}

/** `isOurs` tells the names that are ours on every path. */
export function registerDiscovery(
  app: FastifyInstance,
  house: House,
  isOurs: (host: string) => boolean,
): void {
  for (const path of autoconfigPaths)
    app.get(path, async (request, reply) => {
      if (!(await isMeant(request, reply))) return reply
      const domain = domainOf(queryOf(request).get('emailaddress') ?? '') ?? 'gmail.com'
      return reply.type('text/xml; charset=utf-8').send(autoconfigXml(serversFor(request), domain))
    })

  for (const path of autodiscoverPaths)
    app.post(path, async (request, reply) => {
      if (!(await isMeant(request, reply))) return reply
      const address = typeof request.body === 'string' ? askedAddress(request.body) : undefined
      if (address === undefined)
        return sendPage(
          reply,
          problemPage('This asks about no address.', 'Outlook sends one by itself.'),
          400,
        )
      return reply.type('text/xml; charset=utf-8').send(autodiscoverXml(serversFor(request), address))
    })

  const serversFor = (request: FastifyRequest) => reachedAs(house.mailServers(), request.headers.host ?? '')

  /**
   * A web site can let its own name resolve to our address, but not one in the domain of a mailbox that is connected here.
   */
  async function isMeant(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const { host = '' } = request.headers
    if (isOurs(host)) return true
    const name = nameIn(host)?.replace(/^(?:autoconfig|autodiscover)\./, '')
    for (const { address } of await house.accounts()) if (domainOf(address) === name) return true
    sendPage(
      reply,
      problemPage('This is not the place.', 'No mailbox of this domain is connected here.'),
      421,
    )
    return false
  }
}

/** In small letters; undefined for what has none. */
export function domainOf(address: string): string | undefined {
  return /^[^@\s]{1,254}@([a-z0-9.-]{1,253})$/.exec(address.toLowerCase())?.[1]
}
