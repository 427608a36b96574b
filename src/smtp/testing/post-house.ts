import type { TestContext } from 'node:test'
import type { Admission, Doorman, Refusal } from '#mail/doorman.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { systemClock } from '#mail/surroundings.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import { KeptLog } from '#wire/testing/kept-log.ts'
import { testCertificate } from '#wire/testing/test-certificate.ts'
import { createSmtpServer } from '../server.ts'
import type { Address } from '#wire/door-server.ts'
import type { SmtpServer, SmtpServerOptions } from '../server.ts'
import { MemoryOutbox } from './memory-outbox.ts'
import { password, user } from './people.ts'

/** A post office of its own: server, outbox, and who may come in. */
export interface PostHouse {
  readonly server: SmtpServer
  readonly outbox: MemoryOutbox
  readonly smtp: Address
  readonly smtps: Address
  readonly scanner: Address
  readonly certificate: CertificateSource
  readonly log: KeptLog
}

export function admission(address = user): Admission {
  return {
    address,
    passwordName: 'test',
    rights: { readOnly: false, mailboxes: undefined },
    mailstore: { address } as Mailstore,
  }
}

const wrong: Refusal = { refused: 'credentials', text: 'The user name or the password is wrong' }

export const doorman: Doorman = {
  password(name, secret, door) {
    if (name === 'revoked@gmail.test')
      return Promise.resolve<Refusal>({ refused: 'grant-ended', text: 'Connect it again at http://x.test/' })
    return Promise.resolve(name === user && secret === password && door === 'smtp' ? admission() : wrong)
  },
  bearer: (name, token) => Promise.resolve(name === user && token === 'ya29.good' ? admission() : wrong),
}

export async function openPostHouse(
  t: TestContext,
  options: Partial<SmtpServerOptions> = {},
): Promise<PostHouse> {
  const log = new KeptLog()
  const certificate = await testCertificate()
  const outbox = new MemoryOutbox(user, 'alias@other.test')
  const server = createSmtpServer({
    doorman,
    outboxOf: () => outbox,
    certificate,
    clock: systemClock,
    log,
    plainLoginAllowed: false,
    listeners: { host: '127.0.0.1', smtpPort: 0, smtpsPort: 0 },
    ...options,
  })
  const nowhere = { host: '', port: 0 }
  const { smtp = nowhere, smtps = nowhere, scanner = nowhere } = await server.listen()
  t.after(() => server.close())
  return { server, outbox, smtp, smtps, scanner, certificate, log }
}
