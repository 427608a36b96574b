import assert from 'node:assert/strict'
import { once } from 'node:events'
import { ImapFlow } from 'imapflow'
import Pop3Command from 'node-pop3'
import { createTransport } from 'nodemailer'
import { control } from '#test/postern.ts'
import type { Ready } from '#test/postern.ts'

/** Whose mail the tour goes through, and by which doors. */
export interface Visitor {
  readonly ready: Ready
  /** The simulator's. */
  readonly google: Ready
  readonly address: string
  readonly password: string
}

export const work =
  'Work/été & 🎉 of a name that is rather long and goes on for quite a while, as people like them'

const early = Date.UTC(2026, 0, 5, 10)
const seeds: readonly (readonly [subject: string, labels: readonly string[]])[] = [
  ['one', ['INBOX', 'UNREAD']],
  ['two', ['INBOX', 'UNREAD', 'STARRED']],
  ['three', ['INBOX', 'UNREAD']],
  ['four', ['INBOX']],
  ['at work', [work]],
  ['starred long ago', ['STARRED']],
  ['thrown away', ['TRASH']],
  ['junk', ['SPAM', 'UNREAD']],
]

export function letter(subject: string, from = 'Ada <ada@example.org>', to = 'ben@example.org'): string {
  return [
    `From: ${from}`,
    `To: ${to}`,
    'Date: Mon, 5 Jan 2026 10:00:00 +0000',
    `Message-ID: <${subject.replaceAll(' ', '-')}@example.org>`,
    `Subject: ${subject}`,
    '',
    `This is ${subject}.`,
    '',
  ].join('\r\n')
}

/** Before the bridge knows of the account. */
export async function seed(google: Ready, account: string): Promise<void> {
  for (const [index, [subject, labels]] of seeds.entries()) {
    const raw = Buffer.from(letter(subject)).toString('base64')
    await control(google, 'deliver', { account, raw, labels, date: early + index * 60_000 })
  }
}

/** Goes through the mail as people's programs do, and looks at Gmail afterwards. */
export async function tour(visitor: Visitor): Promise<void> {
  const { google, address } = visitor
  await byImap(visitor)
  await byPop(visitor)
  await bySmtp(visitor)
  assert.deepEqual(await atGmail(google, address), {
    one: ['INBOX', 'STARRED', work],
    two: [],
    three: ['UNREAD', work],
    four: ['INBOX'],
    'at work': [work],
    'starred long ago': ['STARRED'],
    'thrown away': ['TRASH'],
    junk: ['SPAM', 'UNREAD'],
    'put in': ['STARRED', 'Trips/Later'],
    'a draft': ['DRAFT'],
    news: ['INBOX', 'UNREAD'],
    sent: ['SENT'],
  })
}

async function byImap({ ready, google, address, password }: Visitor): Promise<void> {
  const client = new ImapFlow({
    ...ready.imap,
    secure: false,
    doSTARTTLS: false,
    auth: { user: address, pass: password },
    logger: false,
  })
  client.on('error', () => {})
  await client.connect()
  await client.mailboxOpen('INBOX')
  const all = await client.fetchAll('1:*', {
    uid: true,
    flags: true,
    envelope: true,
    source: true,
    threadId: true,
  })
  // What is not read yet comes in any order.
  all.sort((a, b) => a.uid - b.uid)
  assert.deepEqual(
    all.map(({ uid, envelope }) => [uid, envelope?.subject]),
    [
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
      [4, 'four'],
    ],
  )
  for (const { source, envelope } of all) assert.equal(source?.toString(), letter(envelope?.subject ?? ''))
  assert.deepEqual(
    all.map(({ flags }) => [...(flags ?? [])].sort()),
    [[], ['\\Flagged'], [], ['\\Seen']],
  )
  const list = await client.list({ statusQuery: { messages: true, unseen: true } })
  const counts = new Map(list.map(({ path, status }) => [path, status?.messages]))
  assert.deepEqual(
    ['INBOX', '[Gmail]/Starred', '[Gmail]/Trash', '[Gmail]/Spam', '[Gmail]/All Mail', work].map((path) =>
      counts.get(path),
    ),
    [4, 2, 1, 1, 6, 1],
  )

  assert.ok(await client.messageFlagsAdd('1', ['\\Flagged', '\\Seen', '$Forwarded']))
  assert.ok(await client.messageCopy('1', work))
  assert.ok(await client.messageMove({ uid: '3' }, work))
  assert.ok(await client.messageFlagsRemove('2', ['\\Flagged']))
  assert.ok(await client.messageFlagsAdd('2', ['\\Seen']))
  assert.ok(await client.messageDelete('2'))
  assert.equal((await client.mailboxCreate(['Trips', 'Sooner'])).created, true)
  await client.mailboxRename('Trips/Sooner', 'Trips/Later')
  const appended = await client.append('Trips/Later', letter('put in'), ['\\Seen', '\\Flagged'])
  assert.ok(appended && appended.uid === 1)
  assert.ok(await client.append('[Gmail]/Drafts', letter('a draft', address), ['\\Draft', '\\Seen']))

  const arrival = once(client, 'exists')
  const idling = client.idle()
  await control(google, 'deliver', { account: address, raw: Buffer.from(letter('news')).toString('base64') })
  const [{ count }] = (await arrival) as [{ count: number }]
  assert.equal(count, 3)
  await client.noop()
  await idling
  const last = await client.fetchOne('*', { envelope: true, source: true })
  assert.equal(last && last.source?.toString(), letter('news'))
  await client.logout()
}

async function byPop({ ready, address, password }: Visitor): Promise<void> {
  assert.ok(ready.pop3)
  const access = { ...ready.pop3, user: address, password }
  const client = new Pop3Command(access)
  const list = (await client.LIST()) as [string, string][]
  assert.equal(Number(list[0]?.[1]), letter('one').length)
  assert.equal(`${await client.RETR(1)}\r\n`, letter('one'))
  await client.command('DELE', '1')
  await client.QUIT()
  const later = new Pop3Command(access)
  assert.equal(((await later.LIST()) as unknown[]).length, list.length - 1)
  await later.QUIT()
}

async function bySmtp({ ready, google, address, password }: Visitor): Promise<void> {
  const transport = createTransport({
    ...ready.smtp,
    tls: { rejectUnauthorized: false },
    auth: { user: address, pass: password },
  })
  const subject = `from ${address}`
  const mail = { from: address, to: google.simulator.peer.user, text: 'Hello\n.\nDots stay.\n' }
  const { response } = await transport.sendMail({ ...mail, subject })
  transport.close()
  assert.match(response, /^250 /)
  const arrived = await atGmail(google, google.simulator.peer.user)
  assert.deepEqual(arrived[subject], ['INBOX', 'UNREAD'])
}

interface State {
  readonly accounts: readonly {
    readonly labels: readonly { readonly id: string; readonly name: string }[]
    readonly messages: readonly { readonly id: string; readonly labelIds: readonly string[] }[]
  }[]
}

/** Labels by subject, as the simulator has them. Two messages of one subject fail. */
async function atGmail(google: Ready, account: string): Promise<Record<string, string[]>> {
  const { token } = await control(google, 'grant', { account })
  const { accounts } = (await control(google, 'state', { account })) as unknown as State
  const { labels = [], messages = [] } = accounts[0] ?? {}
  const names = new Map(labels.map(({ id, name }) => [id, name]))
  const found: Record<string, string[]> = {}
  for (const { id, labelIds } of messages) {
    const url = `${google.simulator.url}/gmail/v1/users/me/messages/${id}?format=metadata&metadataHeaders=Subject`
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token as string}` } })
    const { payload } = (await answer.json()) as { payload: { headers: { value: string }[] } }
    const subject = payload.headers[0]?.value ?? ''
    const key = subject === `from ${account}` ? 'sent' : subject
    assert.ok(!(key in found), `two messages are called ${key}`)
    found[key] = labelIds.map((label) => names.get(label) ?? label).sort()
  }
  return found
}
