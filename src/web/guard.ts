import type { FastifyReply, FastifyRequest } from 'fastify'
import { sessionSlot, signOutForm } from './html.ts'
import { problemPage } from './pages/problem.ts'
import { signInPage } from './pages/sign-in.ts'
import { wantedBy } from './safe-path.ts'
import type { Visitors } from './visitors.ts'

/** Bodies of POST requests are forms. */
export function formOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
}

export function queryOf(request: FastifyRequest): URLSearchParams {
  const mark = request.url.indexOf('?')
  return new URLSearchParams(mark === -1 ? '' : request.url.slice(mark + 1))
}

/** Who has signed in finds the way out on every page. */
export function sendPage(reply: FastifyReply, text: string, status = 200): FastifyReply {
  // A request that Fastify itself cannot read has got no further than this.
  const token = (reply.request.reached as FastifyRequest['reached'] | undefined)?.signOutToken
  const whole = text.replace(sessionSlot, () => (token === undefined ? '' : signOutForm(token)))
  return reply.code(status).type('text/html; charset=utf-8').send(whole)
}

/** Asks for the admin password in place of the page; the person gets there by it. */
export function sendSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendPage(reply, signInPage(wantedBy(request)), 401)
}

/** Leads on by GET, so that going back or reloading repeats nothing. RFC 9110 section 15.4.4. */
export function seeOther(reply: FastifyReply, path: string): FastifyReply {
  return reply.redirect(path, 303)
}

/** The visitor of this request; a page that asks for the admin password is sent when there is none. */
export function visitorOf(
  request: FastifyRequest,
  reply: FastifyReply,
  visitors: Visitors,
): string | undefined {
  const visitor = visitors.recognise(request, reply)
  if (visitor === undefined) sendSignIn(request, reply)
  return visitor
}

/**
 * Whether a POST came from a page of ours. Browsers say where it came from; programs that are no browser say nothing and
 * must know the token, which they can only have read here.
 */
export function isFromHere(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  const { origin } = request.headers
  return origin === undefined || request.reached.origins.includes(origin)
}

/** The form of a POST by a visitor who saw the page it is on; otherwise the refusal is sent. */
export function checkedForm(
  request: FastifyRequest,
  reply: FastifyReply,
  visitors: Visitors,
): { form: URLSearchParams; visitor: string } | undefined {
  if (!isFromHere(request)) {
    sendPage(
      reply,
      problemPage('This form did not come from here.', 'Open the page itself and try again.'),
      403,
    )
    return undefined
  }
  const visitor = visitorOf(request, reply, visitors)
  if (visitor === undefined) return undefined
  const form = formOf(request)
  if (visitors.isFormToken(form.get('token'), visitor)) return { form, visitor }
  sendPage(
    reply,
    problemPage(
      'This page was too old.',
      'Postern was started anew since. Open the page again and repeat it.',
    ),
    403,
  )
  return undefined
}
