import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** `localhost`, `127.0.0.1` or `[::1]`, with any port: a name that another site cannot rebind to us. */
function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false
  const colon = host.lastIndexOf(':')
  const name = colon > host.lastIndexOf(']') && colon !== -1 ? host.slice(0, colon) : host
  const port = host.slice(name.length)
  if (!/^(:\d{1,5})?$/.test(port)) return false
  return ['localhost', '127.0.0.1', '[::1]'].includes(name.toLowerCase())
}

/** Where a form on the page may lead, besides ourselves: an origin, or a scheme where CSP has no word for the origin. */
export function setPageHeaders(reply: FastifyReply, formTarget = ''): void {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    `form-action 'self'${formTarget === '' ? '' : ` ${formTarget}`}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  reply
    .header('Content-Security-Policy', policy.join('; '))
    // Not no-referrer: with it browsers send `Origin: null` for our own forms, and the check below would be blind.
    .header('Referrer-Policy', 'same-origin')
    .header('X-Content-Type-Options', 'nosniff')
    .header('X-Frame-Options', 'DENY')
    .header('Cross-Origin-Opener-Policy', 'same-origin')
    .header('Cross-Origin-Resource-Policy', 'same-origin')
    .header('Cache-Control', 'no-store')
}

/** Whether a POST was sent by one of our own pages, or by a program that is no browser. The form's token is checked too. */
export function isOwnForm(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  const origin = request.headers.origin
  return origin === undefined || origin === `http://${request.headers.host ?? ''}`
}

/** Refuses every request of this scope whose Host is not loopback, before anything else looks at it (DNS rebinding). */
export function requireLoopbackHost(scope: FastifyInstance): void {
  scope.addHook('onRequest', async (request, reply) => {
    if (isLoopbackHost(request.headers.host)) return
    setPageHeaders(reply)
    return reply
      .code(421)
      .type('text/plain; charset=utf-8')
      .send('This page answers only at localhost, 127.0.0.1 or [::1].\n')
  })
}

/** Bodies of this scope are forms and nothing else, whatever the server around it accepts. */
export function acceptForms(scope: FastifyInstance, bodyLimit: number): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit },
    (_request, body, done) => {
      done(null, new URLSearchParams(body as string))
    },
  )
  scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit }, (_request, _body, done) => {
    done(null, new URLSearchParams())
  })
}

/** The fields of a form, and with `andQuery` those of the address after them. */
export function formOf(request: FastifyRequest, andQuery = false): URLSearchParams {
  const fields = new URLSearchParams(request.body instanceof URLSearchParams ? request.body : undefined)
  if (andQuery) for (const [name, value] of queryOf(request)) fields.append(name, value)
  return fields
}

export function queryOf(request: FastifyRequest): URLSearchParams {
  const mark = request.url.indexOf('?')
  return new URLSearchParams(mark === -1 ? '' : request.url.slice(mark + 1))
}
