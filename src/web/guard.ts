import type { FastifyReply, FastifyRequest } from 'fastify'
import { enterPage, problemPage } from './pages/problem.ts'
import type { Visitors } from './visitors.ts'

/** Bodies of POST requests are forms. */
export function formOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
}

export function queryOf(request: FastifyRequest): URLSearchParams {
  const mark = request.url.indexOf('?')
  return new URLSearchParams(mark === -1 ? '' : request.url.slice(mark + 1))
}

export function sendPage(reply: FastifyReply, text: string, status = 200): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(text)
}

/** Leads on by GET, so that going back or reloading repeats nothing. RFC 9110 section 15.4.4. */
export function seeOther(reply: FastifyReply, path: string): FastifyReply {
  return reply.redirect(path, 303)
}

/** The visitor of this request; a page that asks for the access key is sent when there is none. */
export function visitorOf(
  request: FastifyRequest,
  reply: FastifyReply,
  visitors: Visitors,
): string | undefined {
  const visitor = visitors.recognise(request, reply)
  if (visitor === undefined) sendPage(reply, enterPage(false), 401)
  return visitor
}

/**
 * Whether a POST came from a page of ours. Browsers say where it came from; programs that are no browser say nothing and
 * must know the token, which they can only have read here.
 */
export function isFromHere(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  const { origin, host } = request.headers
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`
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
