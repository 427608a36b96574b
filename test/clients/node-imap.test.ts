import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import Imap from 'node-imap'
import { bySubject, letter, openDesk } from './desk.ts'

/** What a callback is given, as a promise. */
function given<T>(ask: (callback: (error: Error | null | undefined, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    ask((error, value) => (error === null || error === undefined ? resolve(value) : reject(error))),
  )
}

interface Fetched {
  readonly attributes: Imap.ImapMessageAttributes
  readonly body: string
}

/** All that a fetch brings, by sequence number. */
async function fetched(fetch: Imap.ImapFetch): Promise<readonly Fetched[]> {
  const all: { attributes: Imap.ImapMessageAttributes | undefined; body: string }[] = []
  fetch.on('message', (message, seq) => {
    const one = { attributes: undefined as Imap.ImapMessageAttributes | undefined, body: '' }
    all[seq - 1] = one
    message.on('body', (stream) =>
      stream.on('data', (piece: Buffer) => (one.body += piece.toString('latin1'))),
    )
    message.on('attributes', (attributes) => (one.attributes = attributes))
  })
  await once(fetch, 'end')
  return all.filter(Boolean).map(({ attributes, body }) => {
    assert.ok(attributes)
    return { attributes, body }
  })
}

test('node-imap makes a full tour', { timeout: 180_000 }, async () => {
  await using desk = await openDesk([
    ['INBOX', letter('one')],
    ['INBOX', letter('two')],
    ['INBOX', letter('three')],
    ['Work', letter('at work')],
  ])
  const { imaps, account } = desk.ready
  const client = new Imap({
    // As a server's name in TLS an address is not permitted.
    host: 'localhost',
    port: imaps.port,
    tls: true,
    tlsOptions: { rejectUnauthorized: false },
    user: account.user,
    password: account.password,
  })
  client.connect()
  await once(client, 'ready')

  // Mailboxes.
  const boxes = await given<Imap.MailBoxes>((done) => client.getBoxes(done))
  assert.deepEqual(Object.keys(boxes).sort(), ['INBOX', 'Work', '[Gmail]'])
  assert.ok(boxes['[Gmail]']?.children['All Mail']?.attribs.includes('\\All'))
  assert.ok(
    Object.keys(await given<Imap.MailBoxes>((done) => client.getSubscribedBoxes(done))).includes('Work'),
  )
  await given((done) => client.addBox('Größe/Maß', (error) => done(error, undefined)))
  await given((done) => client.subscribeBox('Größe/Maß', (error) => done(error, undefined)))
  await given((done) => client.renameBox('Größe/Maß', 'Later', (error) => done(error, undefined)))
  const status = await given<Imap.Box>((done) => client.status('Later', done))
  assert.equal(status.messages.total, 0)

  // Reading.
  const box = await given<Imap.Box>((done) => client.openBox('INBOX', false, done))
  assert.deepEqual([box.messages.total, box.uidnext, box.persistentUIDs], [3, 4, true])
  assert.ok(box.permFlags.includes('\\Deleted') && box.newKeywords)
  const everything = { bodies: '', struct: true, envelope: true, size: true, extensions: ['X-GM-LABELS'] }
  const all = await fetched(client.seq.fetch('1:*', everything))
  assert.deepEqual(
    all.map(({ body }) => body),
    ['one', 'two', 'three'].map((name) => letter(name)),
  )
  assert.deepEqual(
    all.map(({ attributes }) => attributes.uid),
    [1, 2, 3],
  )
  assert.ok(all.every(({ attributes }) => attributes.struct && attributes.date instanceof Date))
  const [header] = await fetched(client.fetch(2, { bodies: 'HEADER.FIELDS (FROM SUBJECT)' }))
  assert.deepEqual(Imap.parseHeader(header?.body ?? ''), {
    from: ['Ada <ada@example.org>'],
    subject: ['two'],
  })

  // Searching.
  const search = (criteria: unknown[]) =>
    given<number[]>((done) => client.search(criteria, (error, uids) => done(error, uids)))
  assert.deepEqual(await search(['UNSEEN', ['SUBJECT', 'two']]), [2])
  assert.deepEqual(
    await search([['OR', ['HEADER', 'MESSAGE-ID', '<one@example.org>'], ['TEXT', 'is three']]]),
    [1, 3],
  )
  assert.deepEqual(
    await search([
      ['!UID', '1:2'],
      ['SINCE', 'January 1, 2026'],
    ]),
    [3],
  )
  assert.deepEqual(await search([['X-GM-RAW', 'subject:three']]), [3])
  assert.deepEqual(
    await given<number[]>((done) => client.sort(['-SUBJECT'], ['ALL'], (error, uids) => done(error, uids))),
    [2, 3, 1],
  )

  // Changing.
  const act = (ask: (done: (error?: Error | null) => void) => void) =>
    given<void>((done) => ask((error) => done(error, undefined)))
  await act((done) => client.addFlags(1, ['\\Seen', '\\Flagged'], done))
  await act((done) => client.delFlags(1, '\\Flagged', done))
  await act((done) => client.setFlags(2, ['\\Flagged'], done))
  await act((done) => client.addKeywords(2, 'Todo', done))
  await act((done) => client.append(letter('put in'), { mailbox: 'Later', flags: ['\\Seen'] }, done))
  await act((done) => client.copy(1, 'Later', done))
  await act((done) => client.move(3, 'Work', done))
  await act((done) => client.addFlags(1, '\\Deleted', done))
  const expunged = once(client, 'expunge')
  await act((done) => client.expunge(1, done))
  assert.deepEqual(await expunged, [1])

  // Waiting: it idles whenever it has nothing else to do.
  const mail = once(client, 'mail')
  await desk.deliver(letter('news'))
  assert.deepEqual(await mail, [1])
  const update = once(client, 'update') as Promise<[number, { flags?: string[] }]>
  await desk.relabel(bySubject(await desk.atGmail(), 'news').id, { add: ['STARRED'] })
  const [seq, { flags }] = await update
  assert.deepEqual([seq, flags], [2, ['\\Flagged', '\\Recent']])

  const after = await desk.atGmail()
  const labels = (subject: string) => bySubject(after, subject).labels
  assert.deepEqual(labels('one'), ['Later'])
  assert.deepEqual(labels('two'), ['INBOX', 'STARRED', 'UNREAD'])
  assert.deepEqual(labels('three'), ['UNREAD', 'Work'])
  assert.deepEqual(labels('put in'), ['Later'])

  await act((done) => client.closeBox(false, done))
  await act((done) => client.delBox('Later', done))
  const ended = once(client, 'close')
  client.end()
  await ended
})
