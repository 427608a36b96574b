import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { ImapFlow } from 'imapflow'
import Imap from 'node-imap'
import { messages as fixtures } from '#test/fixtures/messages.ts'
import { openHouse, password, user, type House } from './testing/house.ts'

/** Every fixture as one message of INBOX, in the order of `names`. */
const names = [...fixtures.keys()]
const large = Buffer.from(`Subject: large\r\n\r\n${'0123456789abcdef\r\n'.repeat(20_000)}`)
const inbox = [
  ...names.map((name, i) => ({
    bytes: fixtures.get(name) as Buffer,
    flags: i % 2 === 0 ? ['\\Seen'] : [],
    internalDate: Date.UTC(2026, 0, 1 + i),
  })),
  { bytes: large, flags: ['\\Flagged'] },
]
const mailboxes = [
  { name: 'INBOX', role: 'inbox' as const, messages: inbox },
  { name: '[Gmail]', selectable: false },
  { name: '[Gmail]/Sent Mail', role: 'sent' as const },
  { name: 'Größen & Maße' },
]

async function flow(house: House): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: house.host,
    port: house.imapsPort,
    secure: true,
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false },
    logger: false,
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

test('imapflow reads every fixture, octet for octet, whole and in pieces', async () => {
  await using house = await openHouse({ mailboxes })
  const client = await flow(house)
  await client.mailboxOpen('INBOX')
  let count = 0
  for await (const message of client.fetch('1:*', {
    uid: true,
    flags: true,
    size: true,
    internalDate: true,
    envelope: true,
    bodyStructure: true,
    source: true,
    headers: ['subject', 'date'],
    threadId: true,
  })) {
    const expected = inbox[message.uid - 1]
    assert.ok(expected !== undefined)
    // NUL cannot cross in a literal.
    assert.deepEqual(message.source, Buffer.from(expected.bytes.map((octet) => octet || 0x80)))
    assert.equal(message.size, expected.bytes.length)
    assert.deepEqual([...(message.flags ?? [])], expected.flags)
    assert.ok(message.bodyStructure !== undefined && message.envelope !== undefined)
    count++
  }
  assert.equal(count, inbox.length)
  const { content } = await client.download(String(inbox.length), undefined, { uid: true, chunkSize: 65_536 })
  const pieces: Buffer[] = []
  assert.ok(content !== undefined)
  for await (const piece of content) pieces.push(piece as Buffer)
  assert.deepEqual(Buffer.concat(pieces), large)
  await client.logout()
})

test('imapflow finds messages by flags, text, date and size', async () => {
  await using house = await openHouse({ mailboxes })
  const client = await flow(house)
  await client.mailboxOpen('INBOX')
  const find = async (query: Parameters<ImapFlow['search']>[0]) => client.search(query, { uid: true })
  assert.deepEqual(await find({ flagged: true }), [inbox.length])
  assert.deepEqual(await find({ subject: 'Grüße aus 東京' }), [names.indexOf('utf8-headers') + 1])
  assert.deepEqual(await find({ larger: 300_000 }), [inbox.length])
  assert.deepEqual(await find({ uid: '2:3', seen: false }), [2])
  assert.deepEqual(await find({ or: [{ uid: '1' }, { body: '0123456789ABCDEF' }] }), [1, inbox.length])
  assert.deepEqual(await find({ header: { subject: 'large' }, not: { seen: true } }), [inbox.length])
  await client.logout()
})

test('imapflow lists mailboxes with their use, their counts and their names in Unicode', async () => {
  await using house = await openHouse({ mailboxes })
  const client = await flow(house)
  const listed = await client.list({ statusQuery: { messages: true, unseen: true } })
  assert.deepEqual(
    new Map(listed.map(({ path, specialUse, status }) => [path, [specialUse, status?.messages]])),
    new Map([
      ['INBOX', ['\\Inbox', inbox.length]],
      ['[Gmail]', [undefined, undefined]],
      ['[Gmail]/Sent Mail', ['\\Sent', 0]],
      ['Größen & Maße', [undefined, 0]],
    ]),
  )
  const status = await client.status('Größen & Maße', { messages: true, uidNext: true })
  assert.deepEqual([status && status.messages, status && status.uidNext], [0, 1])
  await client.logout()
})

test('node-imap reads and finds, and what it reads is marked as read', async () => {
  await using house = await openHouse({ mailboxes })
  const client = new Imap({
    user,
    password,
    host: 'localhost',
    port: house.imapsPort,
    tls: true,
    tlsOptions: { rejectUnauthorized: false },
  })
  const ready = once(client, 'ready')
  client.connect()
  await ready
  await new Promise<void>((resolve, reject) =>
    client.openBox('INBOX', (error) => (error ? reject(error) : resolve())),
  )
  const uid = names.indexOf('simple') + 1
  const found = await new Promise<number[]>((resolve, reject) =>
    client.search(
      [
        ['SUBJECT', 'Simple'],
        ['SINCE', 'January 1, 2026'],
      ],
      (error, uids) => (error ? reject(error) : resolve(uids)),
    ),
  )
  assert.deepEqual(found, [uid])
  const bodies = new Map<string, Buffer>()
  const fetching = client.fetch([uid], {
    bodies: ['', 'HEADER.FIELDS (SUBJECT)', 'TEXT'],
    markSeen: true,
    struct: true,
  })
  fetching.on('message', (message) => {
    message.on('body', (stream, { which }) => {
      const pieces: Buffer[] = []
      stream.on('data', (piece: Buffer) => pieces.push(piece))
      stream.once('end', () => bodies.set(which, Buffer.concat(pieces)))
    })
  })
  await once(fetching, 'end')
  assert.deepEqual(bodies.get(''), fixtures.get('simple'))
  assert.equal(bodies.get('HEADER.FIELDS (SUBJECT)')?.toString(), 'Subject: Simple\r\n\r\n')
  assert.equal(bodies.get('TEXT')?.toString(), 'Hello.\r\n')
  assert.equal(house.mailstore.flagsOf('INBOX', uid), '\\Seen')
  const ended = once(client, 'close')
  client.end()
  await ended
})
