import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, password, user } from './testing/house.ts'
import type { House } from './testing/house.ts'
import { RawClient } from './testing/raw-client.ts'

/** A client that has switched sequence numbers off, with INBOX selected. */
async function withoutNumbers(house: House): Promise<RawClient> {
  const client = await RawClient.connect({ host: house.host, port: house.imapPort })
  await client.command('l', `LOGIN ${user} "${password}"`)
  assert.match(await client.command('e', 'ENABLE UIDONLY'), /^\* ENABLED UIDONLY\r\n/m)
  assert.doesNotMatch(await client.command('s', 'SELECT INBOX'), /UNSEEN/)
  return client
}

test('messages are told by UID, in answers to FETCH, STORE and NOOP', async () => {
  await using house = await openHouse()
  house.mailstore.remove('INBOX', 1)
  using client = await withoutNumbers(house)
  assert.match(
    await client.command('a', 'UID FETCH 2:3 FLAGS'),
    /^\* 2 UIDFETCH \(FLAGS \(\)\)\r\n\* 3 UIDFETCH/,
  )
  assert.match(
    await client.command('b', 'UID FETCH 3 (UID RFC822.SIZE)'),
    /^\* 3 UIDFETCH \(RFC822.SIZE \d+\)\r\n/,
  )
  assert.match(await client.command('c', 'UID FETCH 2 UID'), /^\* 2 UIDFETCH \(UID 2\)\r\n/)
  assert.match(
    await client.command('d', 'UID STORE 3 +FLAGS \\Flagged'),
    /^\* 3 UIDFETCH \(FLAGS \(\\Flagged\)/,
  )
  house.mailstore.setFlags('INBOX', 2, ['\\Seen'])
  assert.match(await client.command('f', 'NOOP'), /^\* 2 UIDFETCH \(FLAGS \(\\Seen\)\)\r\n/)
  assert.match(await client.command('g', 'UID SEARCH ALL'), /2 3\r\n/)
})

test('removals are told by VANISHED, as ranges', async () => {
  await using house = await openHouse()
  using client = await withoutNumbers(house)
  house.mailstore.deliver('INBOX', { bytes: 'Subject: four\r\n\r\n' })
  await client.command('a', 'NOOP')
  for (const uid of [1, 2, 4]) house.mailstore.remove('INBOX', uid)
  assert.equal(await client.command('b', 'NOOP'), '* VANISHED 1:2,4\r\nb OK NOOP completed\r\n')
})

test('sequence numbers are refused with UIDREQUIRED', async () => {
  await using house = await openHouse()
  using client = await withoutNumbers(house)
  const wrong = [
    'FETCH 1 FLAGS',
    'STORE 1 +FLAGS \\Seen',
    'SEARCH ALL',
    'SORT (DATE) UTF-8 ALL',
    'UID SEARCH 1:2',
    'UID SEARCH NOT (SEEN 1)',
    'UID SORT (DATE) UTF-8 1',
    'UID THREAD REFERENCES UTF-8 1:*',
  ]
  for (const [i, text] of wrong.entries())
    assert.match(await client.command(`w${i}`, text), new RegExp(`^w${i} BAD \\[UIDREQUIRED\\] `), text)
  assert.match(await client.command('a', 'UID SEARCH RETURN (SAVE) UID 2'), /^a OK/)
  assert.match(await client.command('b', 'UID SEARCH $'), /^\* SEARCH 2\r\n/)
})
