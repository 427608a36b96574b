import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greeted, selected } from './testing/guests.ts'
import { openHouse, password, user } from './testing/house.ts'
import { RawClient } from './testing/raw-client.ts'

test('an endless line ends the session: 8 kB before login, 128 kB after', async () => {
  await using house = await openHouse()
  using stranger = await greeted(house)
  stranger.send('a'.repeat(8 * 1024 + 1))
  assert.match(await stranger.ended(), /^\* BYE \[TOOBIG\]/)
  using guest = await selected(house)
  assert.match(await guest.command('a', `NOOP ${'x'.repeat(130_000)}`), /^a BAD/)
  guest.send('b'.repeat(128 * 1024 + 1))
  assert.match(await guest.ended(), /^\* BYE \[TOOBIG\]/)
})

test('a line that comes octet by octet is read like any other', async () => {
  await using house = await openHouse()
  using client = await greeted(house)
  for (const octet of `a LOGIN ${user} {19}\r\n`) client.send(octet)
  await client.until(/^\+ .*\r\n/)
  for (const octet of `${password}\r\n`) client.send(octet)
  assert.match(await client.until(/a .*\r\n/), /^a OK/)
})

test('a giant literal is refused before it is sent; one that is sent unasked ends the session', async () => {
  await using house = await openHouse()
  using stranger = await greeted(house)
  assert.match(await stranger.command('a', 'LOGIN {9000}'), /^a NO \[TOOBIG\]/)
  assert.match(await stranger.command('b', 'LOGIN {99999999999999999999}'), /^b NO \[TOOBIG\]/)
  stranger.send('c LOGIN {9000+}\r\n')
  assert.match(await stranger.ended(), /^\* BYE \[TOOBIG\]/)
  using guest = await selected(house)
  assert.match(await guest.command('a', 'SELECT {200000}'), /^a NO \[TOOBIG\]/)
  assert.match(await guest.command('b', 'APPEND INBOX {99999999}'), /^b NO \[TOOBIG\]/)
  guest.send('c SELECT {200000+}\r\n')
  assert.match(await guest.ended(), /^\* BYE \[TOOBIG\]/)
})

test('many small literals are counted, and their sum too', async () => {
  await using house = await openHouse()
  using counted = await selected(house)
  counted.send(`a ID (${'{1+}\r\na {1+}\r\nb '.repeat(501)})\r\n`)
  assert.match(await counted.ended(), /^\* BYE \[TOOBIG\]/)
  using summed = await selected(house)
  summed.send(`a ID (${`{90000+}\r\n${'x'.repeat(90_000)} `.repeat(12)})\r\n`)
  assert.match(await summed.ended(), /^\* BYE \[TOOBIG\]/)
})

test('NUL, wrong numbers and deep nesting are BAD, and the session goes on', async () => {
  await using house = await openHouse()
  using client = await selected(house)
  const bad = [
    'LOGIN a\0b c',
    'SELECT {3+}\r\na\0b',
    'STORE 0 +FLAGS (\\Seen)',
    'STORE 4294967296 +FLAGS (\\Seen)',
    'STORE 1e0 +FLAGS (\\Seen)',
    'STORE 0x1 +FLAGS (\\Seen)',
    'STORE +1 +FLAGS (\\Seen)',
    'STORE -1 +FLAGS (\\Seen)',
    'STORE 9223372036854775808 +FLAGS (\\Seen)',
    `STORE ${Array.from({ length: 20_001 }, () => '1').join(',')} +FLAGS (\\Seen)`,
    'STORE 1 +FLAGS (\\*)',
    'SELECT "unfinished',
    'SELECT',
    'SELECT a b c',
  ]
  for (const text of bad) {
    assert.match(await client.command('a', text), /^a BAD /, JSON.stringify(text.slice(0, 60)))
    assert.match(await client.command('b', 'NOOP'), /^b OK/)
  }
  assert.match(await client.command('c', `UID SEARCH ${'('.repeat(5000)}ALL${')'.repeat(5000)}`), /^c BAD /)
})

test('three commands that cannot be understood end a stranger, twenty in a row a guest', async () => {
  await using house = await openHouse()
  using stranger = await greeted(house)
  stranger.send('a X\r\nb X\r\nc X\r\nd X\r\n')
  assert.match(await stranger.ended(), /^a BAD .*\r\nb BAD .*\r\nc BAD .*\r\n\* BYE .*\r\n$/)
  using guest = await selected(house)
  for (let i = 0; i < 19; i++) await guest.command('x', 'X')
  await guest.command('y', 'NOOP')
  for (let i = 0; i < 19; i++) await guest.command('x', 'X')
  guest.send('z X\r\n')
  assert.match(await guest.ended(), /^z BAD .*\r\n\* BYE .*\r\n$/)
})

test('an HTTP request and a TLS hello on the clear port are cut off without a word', async () => {
  await using house = await openHouse()
  for (const text of [
    'POST /a LOGIN HTTP/1.1\r\nHost: x\r\n\r\na LOGIN b c\r\n',
    '\x16\x03\x01\x02\x00\x01\n',
  ]) {
    using client = await greeted(house)
    client.send(text)
    assert.equal(await client.ended(), '')
  }
})

test('what a client says before TLS starts is forgotten, its state too', async () => {
  await using house = await openHouse()
  using client = await greeted(house)
  client.send(`a STARTTLS\r\nb LOGIN ${user} "${password}"\r\n`)
  await client.until(/^a OK .*\r\n/)
  await client.startTls()
  assert.match(
    await client.command('c', 'CAPABILITY'),
    /^\* CAPABILITY IMAP4rev1 (?!.*STARTTLS)(?!.*NAMESPACE).*\r\nc OK/,
  )
  assert.deepEqual(house.asked, [])
  assert.match(await client.command('d', 'STARTTLS'), /^d BAD/)
  assert.match(await client.command('e', `LOGIN ${user} "${password}"`), /^e OK/)
})

test('a client that reads nothing makes the house wait, not grow', async () => {
  const messages = Array.from({ length: 20_000 }, () => ({ bytes: '\r\n' }))
  await using house = await openHouse({ mailboxes: [{ name: 'INBOX', messages }] })
  using client = await selected(house)
  using other = await selected(house)
  let changes = 0
  const { mailstore } = house
  const change = mailstore.changeFlags.bind(mailstore)
  mailstore.changeFlags = (...wanted) => {
    changes++
    return change(...wanted)
  }
  client.pause()
  // Each answer is 700 kB; unread, they would be 140 MB.
  client.send('f STORE 1:* +FLAGS (\\Seen)\r\n'.repeat(200))
  for (let before = -1; ;) {
    // Others feel nothing; by the time they were served so often, the first would have gone on if it could.
    for (let i = 0; i < 20; i++) assert.match(await other.command('a', 'NOOP'), /a OK/)
    if (changes > 0 && changes === before) break
    before = changes
  }
  assert.ok(changes < 50, `${changes} answers were made for a client that reads none`)
  client.resume()
  await client.until(/f OK/)
})

test('too many strangers: the oldest makes room; too many guests: one more is told so', async () => {
  await using house = await openHouse({ server: { limits: { beforeLogin: 2, total: 3 } } })
  using first = await greeted(house)
  using second = await greeted(house)
  using third = await greeted(house)
  assert.match(await first.ended(), /^\* BYE \[UNAVAILABLE\] Too many connections/)
  await second.command('a', `LOGIN ${user} "${password}"`)
  await third.command('a', `LOGIN ${user} "${password}"`)
  using fourth = await greeted(house)
  await fourth.command('a', `LOGIN ${user} "${password}"`)
  using fifth = await RawClient.connect({ host: house.host, port: house.imapPort })
  assert.match(await fifth.ended(), /^\* BYE \[UNAVAILABLE\] Too many connections\r\n$/)
})

test('who does not log in in time, or says nothing for too long, is sent away', async () => {
  await using house = await openHouse({ server: { limits: { loginMs: 50 } } })
  using stranger = await greeted(house)
  assert.match(await stranger.ended(), /^\* BYE The login took too long/)
  await using other = await openHouse({ server: { limits: { idleMs: 1500 } } })
  using guest = await selected(other)
  assert.match(await guest.ended(), /^\* BYE Nothing came for too long/)
})

test('thousands of commands at once do not keep others waiting', async () => {
  await using house = await openHouse()
  using flood = await selected(house)
  using other = await selected(house)
  flood.send(`${'a NOOP\r\n'.repeat(8_000)}z NOOP\r\n`)
  await flood.until(/a OK/)
  assert.match(await other.command('b', 'NOOP'), /b OK/)
  assert.doesNotMatch(flood.received, /z OK/)
  await flood.until(/z OK/)
})

test('an empty line and lines with a bare LF do no harm', async () => {
  await using house = await openHouse()
  using client = await selected(house)
  client.send('a NOOP\nb NOOP\n')
  assert.match(await client.until(/b OK.*\r\n/), /^a OK .*\r\nb OK/)
  client.send('\r\nc NOOP\r\n')
  assert.match(await client.until(/c OK.*\r\n/), /^\* BAD .*\r\nc OK/)
})
