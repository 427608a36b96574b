import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hold } from '#wire/hold.ts'
import type { DoorEvent } from '#wire/visit.ts'
import { greeted, selected } from './testing/guests.ts'
import { openHouse, password, user } from './testing/house.ts'
import type { House } from './testing/house.ts'
import type { RawClient } from './testing/raw-client.ts'

/** Until the server has noticed. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

test('the sessions tell who is there and what everybody does', async () => {
  await using house = await openHouse()
  using client = await greeted(house)
  await client.command('a', 'ID ("name" "Mailer\t" "version" "7")')
  await client.command('b', `LOGIN ${user} "${password}"`)
  await client.command('c', 'SELECT INBOX')
  const [waiting] = house.server.sessions()
  assert.equal(waiting?.program, 'Mailer 7')
  assert.equal(waiting?.doing, 'waiting')
  assert.equal(waiting?.lastCommand, 'SELECT')
  assert.equal(waiting?.mailbox, 'INBOX')
  assert.equal(waiting?.address, user)
  assert.equal(waiting?.passwordName, 'test')
  client.send('d IDLE\r\n')
  await client.until(/^\+ .*\r\n/)
  assert.equal(house.server.sessions()[0]?.doing, 'IDLE')
})

test('octets are counted across STARTTLS', async () => {
  await using house = await openHouse()
  using client = await greeted(house)
  const [before] = house.server.sessions()
  const begun = await client.command('a', 'STARTTLS')
  await client.startTls()
  const answer = await client.command('b', 'NOOP')
  const [after] = house.server.sessions()
  assert.ok(before && after && after.secure && !before.secure)
  assert.equal(after.bytesIn - before.bytesIn, 'a STARTTLS\r\nb NOOP\r\n'.length)
  assert.equal(after.bytesOut - before.bytesOut, begun.length + answer.length)
})

test('commands are counted by name and result, what is none of ours without its name', async () => {
  const events: DoorEvent[] = []
  await using house = await openHouse({ server: { onEvent: (event) => events.push(event) } })
  using client = await greeted(house)
  await client.command('a', 'NOOP')
  await client.command('b', `LOGIN ${user} wrong`)
  await client.command('c', 'XYZZY secret')
  await client.command('d', 'SELECT {9999}')
  await client.command('e', 'LOGOUT')
  await client.ended()
  await until(() => events.at(-1)?.kind === 'closed')
  const told = events.map((event) =>
    event.kind === 'command' ? `${event.name} ${event.result}` : event.kind,
  )
  assert.deepEqual(told, [
    'opened',
    'NOOP OK',
    'LOGIN NO',
    'invalid BAD',
    'invalid NO',
    'LOGOUT OK',
    'closed',
  ])
  assert.equal(house.log.told('command').length, 5)
  assert.equal(house.log.told('session closed')[0]?.fields['how'], 'left')
})

for (const [how, act] of [
  ['idle', async () => {}],
  ['turned-away', async (client) => client.send(`${'a'.repeat(140_000)}\r\n`)],
  ['stopping', async (_, { server }) => server.close()],
] as [string, (client: RawClient, house: House) => Promise<void>][])
  test(`the log says how a session ended: ${how}`, async () => {
    await using house = await openHouse({ server: { limits: how === 'idle' ? { idleMs: 1500 } : {} } })
    using client = await selected(house)
    await act(client, house)
    await client.ended()
    await until(() => house.server.sessions().length === 0)
    assert.equal(house.log.told('session closed').at(-1)?.fields['how'], how)
  })

const large = 'x'.repeat(90_000)

test('messages that do not fit into memory together wait for each other', async () => {
  await using house = await openHouse({ server: { hold: new Hold(100_000) } })
  using first = await selected(house)
  using second = await selected(house)
  first.send('a APPEND INBOX {90000}\r\n')
  await first.until(/^\+ .*\r\n/)
  second.send(`b APPEND INBOX {90000+}\r\n${large}\r\n`)
  // Others, and small strings, need no room.
  using third = await selected(house)
  assert.match(await third.command('c', 'STATUS {5+}\r\nINBOX (MESSAGES)'), /c OK/)
  assert.equal(second.received, '')
  first.send(`${large}\r\n`)
  assert.match(await first.until(/a OK.*\r\n/), /APPENDUID/)
  assert.match(await second.until(/b OK.*\r\n/), /APPENDUID/)
})

test('a client that breaks off in the middle of a message gives its room back, and nothing is put in', async () => {
  await using house = await openHouse({ server: { hold: new Hold(100_000) } })
  for (const leave of ['reset', 'finish'] as const) {
    using first = await selected(house)
    first.send('a APPEND INBOX {90000}\r\n')
    await first.until(/^\+ .*\r\n/)
    if (leave === 'reset') first.reset()
    else first.finish(large.slice(0, 50_000))
  }
  using second = await selected(house)
  second.send('b APPEND INBOX {90000}\r\n')
  await second.until(/^\+ .*\r\n/)
  assert.match(await (await selected(house)).command('c', 'STATUS INBOX (MESSAGES)'), /MESSAGES 3/)
})

test('closing lets a command that is under way end, answers it, then says BYE', async () => {
  await using house = await openHouse()
  using client = await selected(house)
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  house.mailstore.gate = () => {
    begun.resolve()
    return goOn.promise
  }
  client.send('a FETCH 1 BODY.PEEK[]\r\nb NOOP\r\n')
  await begun.promise
  const closed = house.server.close()
  goOn.resolve()
  const rest = await client.ended()
  await closed
  assert.match(
    rest,
    /^\* 1 FETCH [^]*\r\na OK [^\r]*\r\n\* BYE \[UNAVAILABLE\] Postern is shutting down\r\n$/,
  )
})

test('closing in the middle of a literal ends the session, and nothing is put in', async () => {
  const house = await openHouse()
  using client = await selected(house)
  client.send('a APPEND INBOX {90000}\r\n')
  await client.until(/^\+ .*\r\n/)
  client.send(large.slice(0, 1000))
  await house.server.close()
  assert.match(await client.ended(), /^\* BYE \[UNAVAILABLE\]/)
})

test('a connection that breaks in the middle of an answer, and one that says no more in IDLE, leave nothing behind', async () => {
  const bytes = Buffer.alloc(8 * 1024 * 1024, 'Subject: large\r\n\r\nx')
  await using house = await openHouse({ mailboxes: [{ name: 'INBOX', messages: [{ bytes }] }] })
  using reader = await selected(house)
  reader.send('a FETCH 1 BODY.PEEK[]\r\n')
  await reader.until(/FETCH/)
  reader.reset()
  using idler = await selected(house)
  idler.finish('a IDLE\r\n')
  await idler.until(/\+ idling\r\n/)
  await until(() => house.server.sessions().length === 0)
  assert.equal(house.mailstore.attached, 0)
  assert.deepEqual(
    house.log.told('session closed').map(({ fields }) => fields['how']),
    ['gone', 'gone'],
  )
  assert.deepEqual(
    house.log.entries.filter(({ level }) => level === 'error' || level === 'warn'),
    [],
  )
})
