import type { FastifyInstance } from 'fastify'
import type { MailboxPageSource } from './mailbox-source.ts'

export type * from './mailbox-source.ts'

/** The page at `/`: the mailbox as Gmail sees it. */
export function registerMailboxPage(app: FastifyInstance, source: MailboxPageSource): void {
  app.get('/', () => source.accounts().join('\n'))
}
