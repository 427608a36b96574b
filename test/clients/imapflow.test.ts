import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { test } from 'node:test'
import { ImapFlow } from 'imapflow'
import { bySubject, letter, openDesk, type Desk } from './desk.ts'

const multipart = [
  'From: Ada <ada@example.org>',
  'Subject: with a file',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Gr=C3=BC=C3=9Fe',
  '--b',
  'Content-Type: application/octet-stream; name=x.bin',
  'Content-Disposition: attachment; filename=x.bin',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('\0\x01\x02\xff', 'latin1').toString('base64'),
  '--b--',
  '',
].join('\r\n')

async function entered({ ready }: Desk): Promise<ImapFlow> {
  const client = new ImapFlow({
    ...ready.imaps,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: ready.account.user, pass: ready.account.password },
    logger: false,
    qresync: true,
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function textOf(stream: Readable | undefined): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream ?? []) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('latin1')
}

test('imapflow makes a full tour', { timeout: 180_000 }, async () => {
  await using desk = await openDesk([
    ['INBOX', letter('one')],
    ['INBOX', letter('two')],
    ['INBOX', multipart],
    ['Work', letter('at work')],
  ])
  const client = await entered(desk)
  assert.equal(client.serverInfo?.['name'], 'Postern')

  // Mailboxes.
  const list = await client.list({ statusQuery: { messages: true, unseen: true, uidNext: true } })
  const inbox = list.find(({ path }) => path === 'INBOX')
  assert.deepEqual([inbox?.specialUse, inbox?.status?.messages, inbox?.status?.unseen], ['\\Inbox', 3, 3])
  assert.deepEqual(list.flatMap(({ specialUse }) => specialUse ?? []).sort(), [
    '\\All',
    '\\Drafts',
    '\\Flagged',
    '\\Inbox',
    '\\Junk',
    '\\Sent',
    '\\Trash',
  ])
  const tree = await client.listTree()
  assert.ok(tree.folders?.some(({ path, folders }) => path === '[Gmail]' && folders?.length === 7))
  assert.equal((await client.mailboxCreate(['Trips', 'Größe & Maß'])).created, true)
  assert.equal((await client.mailboxRename('Trips/Größe & Maß', 'Trips/Later')).newPath, 'Trips/Later')

  // Reading.
  await client.mailboxOpen('INBOX')
  const all = await client.fetchAll('1:*', {
    uid: true,
    flags: true,
    envelope: true,
    bodyStructure: true,
    internalDate: true,
    size: true,
    source: true,
    threadId: true,
    labels: true,
    headers: ['subject'],
    bodyParts: ['1'],
  })
  assert.deepEqual(
    all.map(({ uid, envelope, size }) => [uid, envelope?.subject, size]),
    [
      [1, 'one', letter('one').length],
      [2, 'two', letter('two').length],
      [3, 'with a file', multipart.length],
    ],
  )
  assert.ok(
    all.every(({ source }, i) => source?.toString('latin1') === [letter('one'), letter('two'), multipart][i]),
  )
  assert.ok(all.every(({ emailId, threadId, modseq }) => emailId && threadId && (modseq ?? 0n) > 0n))
  assert.equal(all[2]?.bodyStructure?.childNodes?.[1]?.dispositionParameters?.['filename'], 'x.bin')
  assert.equal(all[0]?.bodyParts?.get('1')?.toString(), 'This is one.\r\n')
  assert.equal(await textOf((await client.download('3', '2')).content), '\0\x01\x02\xff')
  const text = await client.download('3', '1')
  assert.equal(Buffer.from(await textOf(text.content), 'latin1').toString(), 'Grüße')
  assert.equal(
    await textOf((await client.download('1', undefined, { chunkSize: 50 })).content),
    letter('one'),
  )

  // Searching.
  assert.deepEqual(await client.search({ subject: 'two' }), [2])
  assert.deepEqual(await client.search({ body: 'Grüße' }), [3])
  assert.deepEqual(
    await client.search({ or: [{ from: 'nobody' }, { header: { 'message-id': 'one@example.org' } }] }),
    [1],
  )
  assert.deepEqual(await client.search({ not: { uid: '2' }, seen: false }, { uid: true }), [1, 3])
  assert.deepEqual(await client.search({ gmraw: 'filename:x.bin' }), [3])

  // Changing.
  assert.ok(await client.messageFlagsAdd('1', ['\\Flagged', '$Forwarded']))
  assert.ok(await client.messageFlagsRemove('1', ['$Forwarded']))
  assert.ok(await client.messageFlagsSet('2', ['\\Seen', '\\Answered']))
  const again = await client.fetchAll('1:2', { flags: true })
  assert.deepEqual(
    again.map(({ flags }) => [...(flags ?? [])].sort()),
    [['\\Flagged'], ['\\Answered', '\\Seen']],
  )
  const appended = await client.append(
    'Trips/Later',
    letter('put in'),
    ['\\Seen'],
    new Date('2026-02-03T04:05:06Z'),
  )
  assert.ok(appended && appended.uid === 1)
  const copied = await client.messageCopy('1', 'Trips/Later')
  assert.deepEqual(copied && [...(copied.uidMap ?? [])], [[1, 2]])
  const moved = await client.messageMove({ uid: '3' }, 'Work')
  assert.deepEqual(moved && [...(moved.uidMap ?? [])], [[3, 2]])
  assert.ok(await client.messageDelete('2'))

  // Waiting.
  const arrival = once(client, 'exists')
  const idling = client.idle()
  await desk.deliver(letter('news'))
  const [{ count, prevCount }] = (await arrival) as [{ count: number; prevCount: number }]
  assert.deepEqual([prevCount, count], [1, 2])
  assert.equal(await client.noop(), undefined)
  await idling

  const after = await desk.atGmail()
  const labels = (subject: string) => bySubject(after, subject).labels
  assert.deepEqual(labels('one'), ['INBOX', 'STARRED', 'Trips/Later', 'UNREAD'])
  assert.deepEqual(labels('two'), [])
  assert.deepEqual(labels('with a file'), ['UNREAD', 'Work'])
  assert.deepEqual(labels('put in'), ['Trips/Later'])

  // Coming back: only what is new.
  const { uidValidity, highestModseq } = client.mailbox || {}
  await client.logout()
  assert.ok(uidValidity !== undefined && highestModseq !== undefined)
  const later = await entered(desk)
  await later.mailboxOpen('INBOX')
  const changed = await later.fetchAll('1:*', { flags: true }, { changedSince: highestModseq })
  assert.deepEqual(
    changed.map(({ uid }) => uid),
    [4],
  )
  assert.equal((await later.mailboxDelete('Trips/Later')).path, 'Trips/Later')
  const calls = await desk.callsDuring(async () => {
    await later.status('INBOX', { messages: true, unseen: true, uidNext: true, highestModseq: true })
    await later.fetchAll('1:*', { uid: true, flags: true, envelope: true, source: true })
    await later.search({ text: 'news' })
  })
  assert.deepEqual(calls, {}, 'what is known costs nothing')
  // Labels are all that Gmail limits and tells: INBOX, six more of its own, Work.
  const { path, ...resources } = (await later.getQuota()) || {}
  assert.deepEqual([path, resources], ['INBOX', { mailbox: { usage: 8, limit: 10_000, status: '0%' } }])
  await later.logout()
})
