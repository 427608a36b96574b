import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ImapFlow } from 'imapflow'
import Imap from 'node-imap'
import { openHouse, password, threeMessages, user, type House } from './testing/house.ts'

const mailboxes = [
  { name: 'INBOX', role: 'inbox' as const, messages: threeMessages },
  { name: 'Work' },
  { name: '[Gmail]/Trash', role: 'trash' as const },
]
const mail = Buffer.from('From: a@bridge.test\r\nSubject: put in\r\n\r\nHello\r\n')

async function flow(house: House): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: house.host,
    port: house.imapsPort,
    secure: true,
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false },
    logger: false,
    qresync: true,
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

test('imapflow appends, copies, moves, flags and deletes', async () => {
  await using house = await openHouse({ mailboxes })
  const client = await flow(house)
  await client.mailboxOpen('INBOX')
  const appended = await client.append('INBOX', mail, ['\\Seen', 'Later'], new Date('2026-01-05T10:00:00Z'))
  assert.ok(appended !== false && appended.uid === 4 && appended.uidValidity === 1_700_000_001n)
  assert.match(house.mailstore.flagsOf('INBOX', 4), /Seen.* Later/)
  const copied = await client.messageCopy('1:2', 'Work')
  assert.ok(copied !== false)
  assert.deepEqual(
    [...(copied.uidMap ?? [])],
    [
      [1, 1],
      [2, 2],
    ],
  )
  const moved = await client.messageMove('3', 'Work', { uid: true })
  assert.ok(moved !== false)
  assert.deepEqual([...(moved.uidMap ?? [])], [[3, 3]])
  assert.ok(await client.messageFlagsSet('1', ['\\Flagged']))
  assert.ok(await client.messageFlagsRemove('1', ['\\Flagged']))
  assert.equal(house.mailstore.flagsOf('INBOX', 1), '')
  assert.ok(await client.messageDelete('1', { uid: true }))
  assert.deepEqual(await client.search({ all: true }, { uid: true }), [2, 4])
  await assert.rejects(client.append('Nowhere', mail), (error: { serverResponseCode?: string }) => {
    return error.serverResponseCode === 'TRYCREATE'
  })
  await client.logout()
})

test('imapflow sets Gmail’s labels', async () => {
  await using house = await openHouse({ mailboxes })
  const client = await flow(house)
  await client.mailboxOpen('INBOX')
  assert.ok(await client.messageFlagsAdd('1', ['Work'], { useLabels: true }))
  const message = await client.fetchOne('1', { labels: true })
  assert.ok(message !== false && message.labels?.has('Work') === true)
  assert.ok(await client.messageFlagsRemove('1', ['Work'], { useLabels: true }))
  await client.logout()
})

test('imapflow makes, renames, subscribes and deletes mailboxes', async () => {
  await using house = await openHouse({ mailboxes })
  const client = await flow(house)
  assert.equal((await client.mailboxCreate('Größen & Maße/Eins')).created, true)
  assert.equal((await client.mailboxCreate('Work')).created, false)
  assert.equal((await client.mailboxRename('Größen & Maße/Eins', 'Zwei')).newPath, 'Zwei')
  assert.equal(await client.mailboxUnsubscribe('Zwei'), true)
  const zwei = (await client.list()).find(({ path }) => path === 'Zwei')
  assert.ok(zwei !== undefined && !zwei.subscribed)
  assert.equal((await client.mailboxDelete('Zwei')).path, 'Zwei')
  assert.ok(!(await client.list()).some(({ path }) => path === 'Zwei'))
  await client.logout()
})

test('imapflow hears by QRESYNC what vanishes', async () => {
  await using house = await openHouse({ mailboxes })
  const client = await flow(house)
  await client.mailboxOpen('INBOX')
  const heard = new Promise<{ uid?: number; vanished: boolean }>((resolve) => client.once('expunge', resolve))
  house.mailstore.remove('INBOX', 2)
  await client.noop()
  const { uid, vanished } = await heard
  assert.deepEqual([uid, vanished], [2, true])
  await client.logout()
})

/** What node-imap does, as a promise. */
function done(act: (callback: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) =>
    act((error) => (error === null || error === undefined ? resolve() : reject(error))),
  )
}

test('node-imap appends, copies, moves, marks and expunges', async () => {
  await using house = await openHouse({ mailboxes })
  const client = new Imap({
    user,
    password,
    host: 'localhost',
    port: house.imapsPort,
    tls: true,
    tlsOptions: { rejectUnauthorized: false },
  })
  client.connect()
  await once(client, 'ready')
  const open = promisify<string, boolean, Imap.Box>((name, readOnly, opened) =>
    client.openBox(name, readOnly, opened),
  )
  await open('INBOX', false)
  await done((callback) =>
    client.append(mail, { mailbox: 'INBOX', flags: ['\\Flagged'] }, (error) => callback(error)),
  )
  assert.equal(house.mailstore.flagsOf('INBOX', 4), '\\Flagged')
  await done((callback) => client.copy('1', 'Work', callback))
  await done((callback) => client.move('2', 'Work', callback))
  await done((callback) => client.addFlags('1', '\\Deleted', callback))
  await done((callback) => client.addFlags('3', ['\\Seen', '\\Deleted'], callback))
  await done((callback) => client.expunge('1', callback))
  // Not in its types.
  const labelling = client as unknown as { addLabels: typeof client.addFlags }
  await done((callback) => labelling.addLabels.call(client, '3', ['Work'], callback))
  const uids = await new Promise<number[]>((resolve, reject) =>
    client.search(['ALL'], (error, found) => (error instanceof Error ? reject(error) : resolve(found))),
  )
  assert.deepEqual(uids, [3, 4])
  await done((callback) => client.addBox('Made/By node-imap', callback))
  await done((callback) => client.renameBox('Made/By node-imap', 'Made/Renamed', (error) => callback(error)))
  await done((callback) => client.delBox('Made/Renamed', callback))
  await done((callback) => client.closeBox(true, callback))
  const { messages } = await open('INBOX', false)
  assert.equal(messages.total, 1)
  client.end()
})
