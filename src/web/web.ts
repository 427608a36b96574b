import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { sendPage } from './guard.ts'
import { hideAddress, securityHeaders } from './headers.ts'
import { createHostCheck } from './host-check.ts'
import type { House } from './house.ts'
import { problemPage } from './pages/problem.ts'
import { registerClients } from './routes/clients.ts'
import { registerConnect } from './routes/connect.ts'
import { isDiscovery, registerDiscovery } from './routes/discovery.ts'
import { registerGoogle } from './routes/google.ts'
import { registerOverview } from './routes/overview.ts'
import { registerPasswords } from './routes/passwords.ts'
import { registerProbes } from './routes/probes.ts'
import { registerTrust } from './routes/trust.ts'
import { Shelf } from './shelf.ts'
import { accessKeyFor, Visitors } from './visitors.ts'

// reliability.md section 5.
const headerLimitBytes = 16 * 1024
const urlLimit = 8 * 1024
const bodyLimitBytes = 16 * 1024
const headersMs = 10_000
const requestMs = 20_000
const connectionLimit = 200

/** The pages of the house on a port of their own. */
export interface Web {
  /** Where people open them, with a slash at the end. Throws Error before `listen`. */
  readonly url: string
  /** The same with the access key, when there is one: for the eyes of the person who started Postern. */
  readonly entryUrl: string
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
    /** Names besides loopback that browsers may use for us, such as that of a reverse proxy. */
    hostNames?: readonly string[]
    /** When set, the pages open only to who shows it. One is made where other machines can reach the port. */
    accessKey?: string | undefined
  },
): Web {
  const { host, log } = options
  const isOurs = createHostCheck(host, options.hostNames)
  const headers = securityHeaders(options.consent.origin)
  const accessKey = options.accessKey ?? accessKeyFor(host, options.randomBytes)
  const visitors = new Visitors(options.randomBytes, accessKey)
  const shelf = new Shelf(options.clock, options.randomBytes)
  let bound: AddressInfo | undefined

  /** Before Fastify and its routing see anything. */
  function admit(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    if (!isOurs(request.headers.host ?? '') && !isDiscovery(request.url ?? ''))
      return refuse(response, 421, 'This page answers only at localhost, 127.0.0.1 and [::1].')
    if ((request.url ?? '').length > urlLimit) return refuse(response, 414, 'This address is too long.')
    next()
  }

  function refuse(response: ServerResponse, status: number, text: string): void {
    for (const [name, value] of headers) response.setHeader(name, value)
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' })
    response.end(`${text}\n`)
  }

  const app = Fastify({
    // Its request log would hold addresses with codes in them.
    logger: false,
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: true,
    serverFactory: (handler) => {
      const server = createServer(
        { maxHeaderSize: headerLimitBytes, headersTimeout: headersMs, requestTimeout: requestMs },
        (request, response) => admit(request, response, () => handler(request, response)),
      )
      server.maxConnections = connectionLimit
      return server
    },
  })
  app.addHook('onRequest', async (_request, reply) => {
    for (const [name, value] of headers) reply.header(name, value)
  })
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
      return urlOf(bound)
    },
    get entryUrl() {
      return accessKey === undefined
        ? this.url
        : `${this.url}enter?${new URLSearchParams({ key: accessKey }).toString()}`
    },
    async listen() {
      await app.listen({ host, port: options.port })
      bound = app.server.address() as AddressInfo
      return { host: bound.address, port: bound.port, url: urlOf(bound) }
    },
    close: () => app.close(),
  }
}

function urlOf({ address, family, port }: AddressInfo): string {
  const any = address === '0.0.0.0' || address === '::'
  const name = any ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `http://${name}:${port}/`
}
