import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, password, threeMessages, user } from './testing/house.ts'
import type { House } from './testing/house.ts'
import { RawClient } from './testing/raw-client.ts'

const mailboxes = [{ name: 'INBOX', role: 'inbox', messages: threeMessages }, { name: 'Grüße/Zwei' }] as const

async function connected(house: House, ...commands: readonly string[]): Promise<RawClient> {
  const client = await RawClient.connect({ host: house.host, port: house.imapPort })
  await client.until(/^\* OK \[CAPABILITY IMAP4rev1 IMAP4rev2 .*\r\n/)
  await client.command('l', `LOGIN ${user} "${password}"`)
  for (const command of commands) await client.command('s', command)
  return client
}

test('ENABLE IMAP4rev2 is answered in its own letters', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house)
  assert.match(await client.command('a', 'enable imap4rev2'), /^\* ENABLED IMAP4rev2\r\na OK/)
})

test('SELECT tells the name, and neither RECENT nor UNSEEN', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'ENABLE IMAP4rev2')
  const answer = await client.command('a', 'SELECT inbox')
  assert.match(answer, /^\* LIST \(\\HasNoChildren\) "\/" "INBOX"\r\n/m)
  assert.doesNotMatch(answer, /RECENT|UNSEEN/)
  // Latin-1 is no name; what is wrong changes nothing.
  assert.match(await client.command('b', 'SELECT "Grüße/Zwei"'), /^b BAD/)
  const octets = Buffer.from('Grüße/Zwei').toString('latin1')
  assert.ok((await client.command('c', `SELECT "${octets}"`)).includes(`"/" "${octets}"\r\n`))
})

test('names cross as UTF-8, a level without a mailbox is \\NonExistent', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'ENABLE IMAP4rev2')
  const parent = Buffer.from('Grüße').toString('latin1')
  assert.ok(
    (await client.command('a', 'LIST "" "G%"')).startsWith(
      String.raw`* LIST (\NonExistent \Noselect \HasChildren) "/" "${parent}"`,
    ),
  )
  const name = Buffer.from('Tom & Jörg').toString('latin1')
  assert.match(await client.command('b', `CREATE "${name}"`), /^b OK \[MAILBOXID/)
  assert.ok((await client.command('c', 'LIST "" "T*"')).includes(`"${name}"`))
})

test('SEARCH answers with ESEARCH', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'ENABLE IMAP4rev2', 'SELECT INBOX')
  assert.match(await client.command('a', 'SEARCH ALL'), /^\* ESEARCH \(TAG "a"\) ALL 1:3\r\n/)
  assert.match(await client.command('b', 'UID SEARCH SEEN'), /^\* ESEARCH \(TAG "b"\) UID\r\n/)
})

test('STATUS tells DELETED and SIZE', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(
    house,
    'ENABLE IMAP4rev2',
    'SELECT INBOX',
    String.raw`STORE 2 FLAGS (\Deleted)`,
  )
  assert.match(
    await client.command('a', 'STATUS INBOX (MESSAGES DELETED SIZE)'),
    /^\* STATUS "INBOX" \(MESSAGES 3 DELETED 1 SIZE \d+\)\r\n/,
  )
})

test('UTF8=ACCEPT: a message with UTF-8 in its header is put in as it is', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'ENABLE UTF8=ACCEPT', 'SELECT INBOX')
  const message = Buffer.from('From: Jörg <jörg@bridge.test>\r\nSubject: Grüße\r\n\r\nHallo\r\n')
  const octets = message.toString('latin1')
  assert.match(
    await client.command('a', `APPEND INBOX UTF8 (~{${message.length}+}\r\n${octets})`),
    /a OK \[APPENDUID 1700000001 4\]/,
  )
  assert.ok((await client.command('b', 'FETCH 4 BODY.PEEK[]')).includes(octets))
})
