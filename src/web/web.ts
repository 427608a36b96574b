import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { Admission } from './admission.ts'
import { shutGate } from './gate.ts'
import { sendPage } from './guard.ts'
import { hideAddress, securityHeaders } from './headers.ts'
import { createHostCheck, isLoopbackAddress } from './host-check.ts'
import type { House } from './house.ts'
import { createPlainServer, createSecureServer } from './page-server.ts'
import type { PageServer, ServerPair } from './page-server.ts'
import { problemPage } from './pages/problem.ts'
import { noteReached } from './reached.ts'
import { registerAccess } from './routes/access.ts'
import { registerClients } from './routes/clients.ts'
import { registerConnect } from './routes/connect.ts'
import { registerDiscovery } from './routes/discovery.ts'
import { registerGoogle } from './routes/google.ts'
import { registerOverview } from './routes/overview.ts'
import { registerPasswords } from './routes/passwords.ts'
import { registerProbes } from './routes/probes.ts'
import { registerSignIn } from './routes/sign-in.ts'
import type { SignIn } from './routes/sign-in.ts'
import { registerTrust } from './routes/trust.ts'
import { Sessions } from './sessions.ts'
import { Shelf } from './shelf.ts'
import { Visitors } from './visitors.ts'

const bodyLimitBytes = 16 * 1024

/** The pages of the house on a port of their own. */
export interface Web {
  /** Where people open them, with a slash at the end. Throws Error before `listen`. */
  readonly url: string
  /** For metrics and tests of routes; do not listen with it. */
  readonly app: FastifyInstance
  listen(): Promise<{ host: string; port: number; url: string }>
  close(): Promise<void>
}

export function createWeb(
  options: House & {
    host: string
    /** 0: any free one. */
    port: number
    /** Names besides loopback and `host` that browsers may use for us. */
    hostNames?: readonly string[]
    /** Where people reach the pages through a proxy that passes Host on: an origin. */
    publicUrl?: URL | undefined
    /** The pages speak TLS with this pair; asked for anew for every connection. */
    tls?: (() => Promise<ServerPair>) | undefined
    /** People must sign in. Demanded where other machines can reach the pages. */
    signIn?: SignIn | undefined
  },
): Web {
  const { host, log, publicUrl, tls, signIn } = options
  if (signIn === undefined && !(isLoopbackAddress(host) && publicUrl === undefined))
    throw new RangeError('Cannot open the pages to other machines without signing in')
  const names = options.hostNames ?? []
  const isOurs = createHostCheck(host, publicUrl === undefined ? names : [...names, publicUrl.hostname])
  const headers = securityHeaders(options.consent.origin)
  const admission = new Admission(headers, isOurs)
  const sessions = signIn === undefined ? undefined : new Sessions(options.clock, options.randomBytes)
  const visitors = new Visitors(options.randomBytes, sessions)
  const shelf = new Shelf(options.clock, options.randomBytes)
  const leadToTls: RequestListener = (request, response) => admission.lead(request, response)
  let front: PageServer | undefined
  let bound: AddressInfo | undefined

  const app = Fastify({
    // Its request log would hold addresses with codes in them.
    logger: false,
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: true,
    serverFactory(handler) {
      const welcome: RequestListener = (request, response) => {
        if (admission.admit(request, response)) handler(request, response)
      }
      front =
        tls === undefined
          ? createPlainServer(welcome)
          : createSecureServer(welcome, { pair: tls, plain: leadToTls, log })
      return front.server
    },
  })
  app.addHook('onRequest', async (_request, reply) => {
    for (const [name, value] of headers) reply.header(name, value)
  })
  noteReached(app, { tls: tls !== undefined, publicUrl })
  if (signIn !== undefined) {
    shutGate(app, visitors)
    registerSignIn(app, { signIn, visitors, log })
  }
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  )
  // Outlook's question about an address.
  app.addContentTypeParser(['text/xml', 'application/xml'], { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  app.setNotFoundHandler((_request, reply) =>
    sendPage(reply, problemPage('There is no such page.', 'The overview leads to all there are.'), 404),
  )
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    hideAddress(reply)
    const status = error.statusCode ?? 500
    if (status < 500)
      return sendPage(reply, problemPage('This request cannot be used.', 'Open the page again.'), status)
    log.error({ err: error }, 'a page failed')
    const advice = 'Postern’s log says what went wrong. Try again in a moment.'
    return sendPage(reply, problemPage('Something went wrong here.', advice), 500)
  })
  registerOverview(app, options, visitors, shelf)
  registerConnect(app, options, { visitors, shelf, port: () => bound?.port ?? options.port })
  registerAccess(app, options, visitors)
  registerPasswords(app, options, { visitors, shelf })
  registerClients(app, options, visitors)
  registerDiscovery(app, options, isOurs)
  registerTrust(app, options, visitors)
  registerGoogle(app, options, visitors)
  registerProbes(app, options)
  options.routes?.(app)

  return {
    app,
    get url() {
      if (bound === undefined) throw new Error('The pages have no address before they listen')
      return urlOf(bound, tls !== undefined)
    },
    async listen() {
      await app.listen({ host, port: options.port })
      bound = app.server.address() as AddressInfo
      return { host: bound.address, port: bound.port, url: this.url }
    },
    async close() {
      front?.endStrangers()
      await app.close()
    },
  }
}

function urlOf({ address, family, port }: AddressInfo, isSecure: boolean): string {
  const any = address === '0.0.0.0' || address === '::'
  const name = any ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `${isSecure ? 'https' : 'http'}://${name}:${port}/`
}
