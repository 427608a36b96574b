import type { FastifyInstance, FastifyReply } from 'fastify'
import { PasswordError } from '#auth/password-book.ts'
import type { Door } from '#mail/doorman.ts'
import { withheldFrom } from '../clients/place.ts'
import { checkedForm, queryOf, seeOther, sendPage, visitorOf } from '../guard.ts'
import { findAccount } from '../house.ts'
import type { House } from '../house.ts'
import type { PasswordFormView } from '../pages/password-form.ts'
import { passwordsPage } from '../pages/passwords.ts'
import { problemPage } from '../pages/problem.ts'
import { accountQuery } from '../pages/words.ts'
import type { Shelf } from '../shelf.ts'
import type { Visitors } from '../visitors.ts'
import { passwordWish } from './password-wish.ts'

const doors: readonly (readonly [Door, 'IMAP' | 'POP3' | 'SMTP'])[] = [
  ['imap', 'IMAP'],
  ['pop3', 'POP3'],
  ['smtp', 'SMTP'],
]

/** Client passwords: seeing which there are, making and revoking. */
export function registerPasswords(
  app: FastifyInstance,
  house: House,
  { visitors, shelf }: { visitors: Visitors; shelf: Shelf },
): void {
  const { passwords, clock } = house

  app.get('/passwords', async (request, reply) => {
    const visitor = visitorOf(request, reply, visitors)
    if (visitor === undefined) return reply
    const query = queryOf(request)
    return show(reply, query.get('account') ?? '', visitor, { isRevoked: query.get('done') === 'revoked' })
  })

  app.post('/passwords', async (request, reply) => {
    const checked = checkedForm(request, reply, visitors)
    if (checked === undefined) return reply
    const { form: fields, visitor } = checked
    const address = fields.get('account') ?? ''
    try {
      const wish = passwordWish(fields, { ...(await limits(address)), now: clock.now() })
      const made = await passwords.make(address, wish)
      return seeOther(reply, shelf.put({ address, made, done: 'The password is made' }, reply))
    } catch (error) {
      if (!(error instanceof PasswordError)) throw error
      return show(reply, address, visitor, {
        fields,
        complaint: { text: error.message, about: error.about },
      })
    }
  })

  app.post('/passwords/revoke', async (request, reply) => {
    const checked = checkedForm(request, reply, visitors)
    if (checked === undefined) return reply
    const address = checked.form.get('account') ?? ''
    try {
      const isRevoked = await passwords.revoke(address, checked.form.get('name') ?? '')
      const done: Record<string, string> = isRevoked ? { done: 'revoked' } : {}
      return seeOther(reply, `/passwords${accountQuery(address, done)}`)
    } catch (error) {
      return sendUnknown(reply, error)
    }
  })

  /** What the access of the account leaves to give. */
  async function limits(address: string) {
    const account = await findAccount(house, address)
    const withheld = withheldFrom(account)
    return {
      doors: doors.flatMap(([door, protocol]) => (withheld.includes(protocol) ? [] : [door])),
      isReadOnly: account?.access === 'read' && account.maySend !== true,
    }
  }

  async function show(
    reply: FastifyReply,
    address: string,
    visitor: string,
    more: Pick<PasswordFormView, 'fields' | 'complaint'> & { isRevoked?: boolean },
  ) {
    try {
      const entries = await passwords.list(address)
      const text = passwordsPage({
        address,
        entries,
        formToken: visitors.formToken(visitor),
        clients: house.clients?.() ?? [],
        isRevoked: false,
        ...(await limits(address)),
        ...more,
      })
      return sendPage(reply, text, more.complaint === undefined ? 200 : 400)
    } catch (error) {
      return sendUnknown(reply, error)
    }
  }
}

function sendUnknown(reply: FastifyReply, error: unknown) {
  if (!(error instanceof PasswordError)) throw error
  return sendPage(reply, problemPage('There is no such account.', 'Choose one on the overview.'), 404)
}
