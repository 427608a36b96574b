import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import { eventually, total } from '../operations/figures.ts'
import { control } from '../postern.ts'
import type { Ready } from '../postern.ts'
import { demoUser } from '../serve.ts'
import { Dialog } from './dialog.ts'

export const password = 'a password of the accounts file'

/** No limit of ours: these tests are about faults, not about patience. */
export const quick = { POSTERN_QUOTA_PER_MINUTE: '1000000' }

/** The accounts file: the demo account with one client password. */
export function oneAccount({ simulator }: Ready): object {
  const auth = { refreshToken: simulator.refreshToken }
  return { accounts: [{ email: demoUser, auth, passwords: [{ name: 'test', password }] }] }
}

/** Until every message was read and the present is known. */
export async function settled(ready: Ready): Promise<void> {
  await eventually(
    ready,
    (all) =>
      total(all, 'postern_accounts', 'live') === 1 &&
      total(all, 'postern_messages') > 0 &&
      total(all, 'postern_hydration_left_messages') === 0,
  )
}

export function imapDialog(ready: Ready): Promise<Dialog> {
  return Dialog.imap(ready.imap, demoUser, password)
}

export async function imapflow(ready: Ready): Promise<ImapFlow> {
  const client = new ImapFlow({
    ...ready.imap,
    secure: false,
    tls: { rejectUnauthorized: false },
    auth: { user: demoUser, pass: password },
    logger: false,
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

interface AtGmail {
  readonly id: string
  readonly labels: readonly string[]
  readonly messageId: string
}

/** What Gmail holds of an account, newest first, each message with the names of its labels. */
export async function atGmail(google: Ready, account = demoUser): Promise<AtGmail[]> {
  const { accounts } = (await control(google, 'state', { account, messages: 100_000 })) as {
    accounts: {
      labels: { id: string; name: string }[]
      messages: { id: string; labelIds: string[]; messageId: string }[]
    }[]
  }
  const { labels = [], messages = [] } = accounts[0] ?? {}
  const names = new Map(labels.map(({ id, name }) => [id, name]))
  return messages.map(({ id, labelIds, messageId }) => ({
    id,
    labels: labelIds.map((label) => names.get(label) ?? label),
    messageId,
  }))
}

/** Sends a message and gives what SMTP answered to it. */
export async function sendOver({ smtp }: Ready, to: string, subject: string): Promise<string> {
  const transport = createTransport({
    ...smtp,
    requireTLS: true,
    tls: { rejectUnauthorized: false },
    auth: { user: demoUser, pass: password },
  })
  try {
    const letter = {
      from: demoUser,
      to,
      subject,
      messageId: `<${subject}@faults.test>`,
      date: new Date(0),
      text: 'x',
    }
    return (await transport.sendMail(letter)).response
  } catch (error) {
    const { response } = error as { response?: string }
    if (response === undefined) throw error
    return response
  } finally {
    transport.close()
  }
}

/** What `/readyz` says. */
export async function readiness({ web }: Ready): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${web.url}/readyz`)
  return { status: answer.status, text: await answer.text() }
}

/** Tries until it is so; the test's own time limit ends it otherwise. */
export async function tryUntil(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

/** Until Gmail has begun every call that was to meet a fault. */
export async function faultsMet(google: Ready): Promise<void> {
  await tryUntil(async () => {
    const { faults } = (await control(google, 'faults')) as { faults: unknown[] }
    return faults.length === 0
  })
}
