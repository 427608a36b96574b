import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { acceptForms, formOf, isOwnForm, queryOf, requireLoopbackHost, setPageHeaders } from './defence.ts'
import { plainPage } from './frame.ts'
import { listPage } from './list-view.ts'
import { liveScript } from './live-script.ts'
import { registerMailboxEvents } from './mailbox-events.ts'
import type { MailboxPageSource } from './mailbox-source.ts'
import { mailboxStyle } from './mailbox-style.ts'
import { messagePage } from './message-view.ts'
import { linkTo, type Place } from './place.ts'
import { composeTestMessage, isSender } from './test-message.ts'

export type * from './mailbox-source.ts'

/** What the buttons do, as label changes. */
const actions = new Map<string, { add: readonly string[]; remove: readonly string[]; notice: string }>([
  ['read', { add: [], remove: ['UNREAD'], notice: 'Marked as read.' }],
  ['unread', { add: ['UNREAD'], remove: [], notice: 'Marked as unread.' }],
  ['star', { add: ['STARRED'], remove: [], notice: 'Starred.' }],
  ['unstar', { add: [], remove: ['STARRED'], notice: 'Star removed.' }],
  ['archive', { add: [], remove: ['INBOX'], notice: 'Archived.' }],
  ['inbox', { add: ['INBOX'], remove: ['TRASH', 'SPAM'], notice: 'Moved to Inbox.' }],
  ['trash', { add: ['TRASH'], remove: ['INBOX', 'SPAM'], notice: 'Moved to Trash.' }],
])

const notices = new Map([...actions].map(([name, { notice }]) => [name, notice]))
notices.set('delivered', 'The message is on its way: it has just been put into the inbox.')

/** The page at `/`: the mailbox as Gmail sees it, with buttons to change it as another Gmail client would. */
export function registerMailboxPage(app: FastifyInstance, source: MailboxPageSource): void {
  // Proof that a form is ours: no other site can read it. A secret, hence not from the simulator's seed.
  const token = randomBytes(24).toString('base64url')

  void app.register(async (scope) => {
    requireLoopbackHost(scope)
    acceptForms(scope, 262_144)
    registerMailboxEvents(scope, source)
    scope.setErrorHandler((error, request, reply) => {
      request.log.error(error)
      const status = (error as { statusCode?: number }).statusCode ?? 500
      return page(reply, status, plainPage('That did not work', 'The simulator could not do this.'))
    })

    scope.get('/mailbox/style.css', (_request, reply) => {
      setPageHeaders(reply)
      return reply.type('text/css; charset=utf-8').send(mailboxStyle)
    })

    scope.get('/mailbox/live.js', (_request, reply) => {
      setPageHeaders(reply)
      return reply.type('text/javascript; charset=utf-8').send(liveScript)
    })

    scope.get('/', (request, reply) => {
      const query = queryOf(request)
      const place = placeOf(query, source)
      if (place === undefined) return missing(reply, 'There is no such account here.')
      const notice = notices.get(query.get('done') ?? '')
      return page(reply, 200, listPage({ source, place, token, ...(notice === undefined ? {} : { notice }) }))
    })

    scope.get('/mailbox/message', (request, reply) => {
      const query = queryOf(request)
      const place = placeOf(query, source)
      const message = place && source.message(place.address, query.get('id') ?? '')
      if (place === undefined || message === undefined) return missing(reply, 'This message is gone.')
      return page(reply, 200, messagePage({ source, place, token }, message))
    })

    scope.get('/mailbox/original', (request, reply) => {
      const query = queryOf(request)
      const place = placeOf(query, source)
      const message = place && source.message(place.address, query.get('id') ?? '')
      if (message === undefined) return missing(reply, 'This message is gone.')
      setPageHeaders(reply)
      return reply.type('text/plain; charset=utf-8').send(message.raw)
    })

    scope.post('/mailbox/labels', (request, reply) => {
      const form = formOf(request)
      if (!isTrusted(request, form, token)) return distrust(reply)
      const place = placeOf(form, source)
      const id = form.get('id') ?? ''
      const action = form.get('action') ?? ''
      const change = actions.get(action)
      if (place === undefined || change === undefined)
        return missing(reply, 'There is no such action or account.')
      const held = new Set(source.message(place.address, id)?.labelIds)
      const remove = change.remove.filter((label) => held.has(label))
      if (!source.changeLabels(place.address, id, change.add, remove))
        return missing(reply, 'This message is gone.')
      const back = form.get('from') === 'message' ? linkTo(place, '/mailbox/message', { id }) : linkTo(place)
      return seeOther(reply, back)
    })

    scope.post('/mailbox/deliver', (request, reply) => {
      const form = formOf(request)
      if (!isTrusted(request, form, token)) return distrust(reply)
      const place = placeOf(form, source)
      if (place === undefined) return missing(reply, 'There is no such account here.')
      const from = form.get('from') ?? ''
      if (!isSender(from)) {
        return page(reply, 400, plainPage('This is no sender', 'Write an address such as ada@example.org.'))
      }
      const date = source.now()
      const raw = composeTestMessage({
        from,
        to: place.address,
        subject: form.get('subject') ?? '',
        text: form.get('text') ?? '',
        date,
        messageId: `${date.toString(36)}.${randomBytes(9).toString('base64url')}@simulator.example`,
      })
      source.deliver(place.address, raw)
      return seeOther(reply, linkTo({ ...place, labelId: 'INBOX', page: 1 }, '/', { done: 'delivered' }))
    })
  })
}

/** Undefined for an account that is not here; without one the first is meant, without a label the inbox. */
function placeOf(fields: URLSearchParams, source: MailboxPageSource): Place | undefined {
  const accounts = source.accounts()
  const asked = fields.get('account')
  const address = asked === null ? accounts[0] : accounts.find((account) => account === asked)
  if (address === undefined) return undefined
  const label = fields.get('label') ?? 'INBOX'
  const pageText = fields.get('page') ?? '1'
  const number = /^[1-9]\d{0,6}$/.test(pageText) ? Number(pageText) : 1
  return { address, labelId: label === '' ? undefined : label, page: number }
}

function isTrusted(request: FastifyRequest, form: URLSearchParams, token: string): boolean {
  const given = Buffer.from(form.get('token') ?? '')
  const wanted = Buffer.from(token)
  return isOwnForm(request) && given.length === wanted.length && timingSafeEqual(given, wanted)
}

function page(reply: FastifyReply, status: number, text: string) {
  setPageHeaders(reply)
  return reply.code(status).type('text/html; charset=utf-8').send(text)
}

function missing(reply: FastifyReply, text: string) {
  return page(reply, 404, plainPage('Not found', text))
}

function distrust(reply: FastifyReply) {
  return page(
    reply,
    403,
    plainPage('Not accepted', 'This form did not come from this page. Open the page anew and try again.'),
  )
}

function seeOther(reply: FastifyReply, location: string) {
  setPageHeaders(reply)
  return reply.redirect(location, 303)
}
