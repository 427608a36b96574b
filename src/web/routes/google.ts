import type { FastifyInstance, FastifyReply } from 'fastify'
import { OAuthClientError, readOAuthClient } from '#auth/oauth-client.ts'
import type { OAuthClient } from '#auth/oauth-client.ts'
import { checkedForm, seeOther, sendPage, visitorOf } from '../guard.ts'
import type { House } from '../house.ts'
import { googlePage, workspacePage } from '../pages/google.ts'
import { problemPage } from '../pages/problem.ts'
import type { Visitors } from '../visitors.ts'

const checkMs = 15_000

/** The OAuth client by which Google knows Postern: how to make one, and the form that takes it. */
export function registerGoogle(app: FastifyInstance, house: House, visitors: Visitors): void {
  const { oauthClient: book } = house

  app.get('/google', async (request, reply) => {
    const visitor = visitorOf(request, reply, visitors)
    return visitor === undefined ? reply : show(reply, visitor)
  })

  app.get('/google/workspace', async (request, reply) => {
    if (visitorOf(request, reply, visitors) === undefined) return reply
    return sendPage(reply, workspacePage(book?.current()?.clientId))
  })

  app.post('/google', async (request, reply) => {
    const checked = checkedForm(request, reply, visitors)
    if (checked === undefined) return reply
    if (book === undefined || book.fixed)
      return sendPage(
        reply,
        problemPage('The environment sets the OAuth client.', 'Change GOOGLE_CLIENT_ID there.'),
        409,
      )
    const { form, visitor } = checked
    const wrong = (form.get('json') ?? '') === '' ? 'clientId' : 'json'
    let client: OAuthClient
    try {
      client = readOAuthClient({
        json: form.get('json') ?? '',
        clientId: form.get('clientId') ?? '',
        clientSecret: form.get('clientSecret') ?? '',
      })
    } catch (error) {
      if (!(error instanceof OAuthClientError)) throw error
      return show(reply, visitor, { complaint: `${error.message}.`, wrong })
    }
    if ((await book.check(client, AbortSignal.timeout(checkMs))) === 'wrong')
      return show(reply, visitor, {
        complaint:
          'Google does not know this client id with this secret. Copy both anew; a client that was made just now may take five minutes to work.',
        wrong,
        typed: client.clientId,
      })
    await book.save(client)
    return seeOther(reply, '/#connect')
  })

  function show(
    reply: FastifyReply,
    visitor: string,
    { complaint, ...more }: { complaint?: string; wrong?: 'json' | 'clientId'; typed?: string } = {},
  ) {
    const text = googlePage({
      clientId: book?.current()?.clientId,
      fixed: book?.fixed ?? true,
      formToken: visitors.formToken(visitor),
      complaint,
      ...more,
    })
    return sendPage(reply, text, complaint === undefined ? 200 : 400)
  }
}
