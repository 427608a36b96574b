import type { FastifyInstance, FastifyReply } from 'fastify'
import { PasswordError } from '#auth/password-book.ts'
import type { Door } from '#mail/doorman.ts'
import { checkedForm, queryOf, seeOther, sendPage, visitorOf } from '../guard.ts'
import type { House } from '../house.ts'
import { passwordsPage } from '../pages/passwords.ts'
import { problemPage } from '../pages/problem.ts'
import type { Shelf } from '../shelf.ts'
import type { Visitors } from '../visitors.ts'

const dayMs = 24 * 3600_000
const doors: readonly Door[] = ['imap', 'pop3', 'smtp']

/** Client passwords: seeing which there are, making and revoking. */
export function registerPasswords(
  app: FastifyInstance,
  { passwords, clock }: Pick<House, 'passwords' | 'clock'>,
  { visitors, shelf }: { visitors: Visitors; shelf: Shelf },
): void {
  app.get('/passwords', async (request, reply) => {
    const visitor = visitorOf(request, reply, visitors)
    if (visitor === undefined) return reply
    return show(reply, queryOf(request).get('account') ?? '', visitor)
  })

  app.post('/passwords', async (request, reply) => {
    const checked = checkedForm(request, reply, visitors)
    if (checked === undefined) return reply
    const { form, visitor } = checked
    const address = form.get('account') ?? ''
    const allowed = new Set(form.getAll('allow'))
    const days = Number(form.get('days') ?? '')
    try {
      const { name, password } = await passwords.make(address, {
        name: form.get('name') ?? undefined,
        doors: doors.filter((door) => allowed.has(door)),
        readOnly: form.get('readOnly') === 'yes',
        mailboxes: lines(form.get('mailboxes')),
        expiresAt:
          Number.isInteger(days) && days > 0 && days <= 3660 ? clock.now() + days * dayMs : undefined,
      })
      return seeOther(reply, shelf.put({ address, name, password, done: 'The password is made' }, reply))
    } catch (error) {
      if (!(error instanceof PasswordError)) throw error
      return show(reply, address, visitor, error.message)
    }
  })

  app.post('/passwords/revoke', async (request, reply) => {
    const checked = checkedForm(request, reply, visitors)
    if (checked === undefined) return reply
    const address = checked.form.get('account') ?? ''
    try {
      await passwords.revoke(address, checked.form.get('name') ?? '')
      return seeOther(reply, `/passwords?${new URLSearchParams({ account: address }).toString()}`)
    } catch (error) {
      return sendUnknown(reply, error)
    }
  })

  async function show(reply: FastifyReply, address: string, visitor: string, complaint?: string) {
    try {
      const entries = await passwords.list(address)
      const formToken = visitors.formToken(visitor)
      const view = { address, entries, formToken, ...(complaint === undefined ? {} : { complaint }) }
      return sendPage(reply, passwordsPage(view), complaint === undefined ? 200 : 400)
    } catch (error) {
      return sendUnknown(reply, error)
    }
  }
}

/** Mailbox names, one a line; undefined when there is none. */
function lines(text: string | null): string[] | undefined {
  const names = (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return names.length === 0 ? undefined : names
}

function sendUnknown(reply: FastifyReply, error: unknown) {
  if (!(error instanceof PasswordError)) throw error
  return sendPage(reply, problemPage('There is no such account.', 'Choose one on the overview.'), 404)
}
