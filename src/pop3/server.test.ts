import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DoorEvent } from '#wire/visit.ts'
import { openPopHouse, password, user } from './testing/pop-house.ts'
import type { PopHouse } from './testing/pop-house.ts'

/** Until the server has noticed. */
async function emptied({ server }: PopHouse): Promise<void> {
  while (server.sessions().length > 0) await new Promise((resolve) => setImmediate(resolve))
}

test('the sessions tell who is there and what everybody does', async () => {
  await using house = await openPopHouse()
  using client = await house.client(true)
  assert.equal(house.server.sessions()[0]?.address, undefined)
  await client.logIn(user, password)
  await client.ask('STAT')
  const [one, ...others] = house.server.sessions()
  assert.deepEqual(others, [])
  assert.equal(one?.door, 'pop3')
  assert.equal(one.secure, true)
  assert.equal(one.address, user)
  assert.equal(one.passwordName, 'test')
  assert.equal(one.lastCommand, 'STAT')
  assert.equal(one.doing, 'waiting')
  assert.equal(one.bytesIn, `USER ${user}\r\nPASS ${password}\r\nSTAT\r\n`.length)
})

test('commands are counted by name and result, and logged with their session once', async () => {
  const events: DoorEvent[] = []
  await using house = await openPopHouse({ server: { onEvent: (event) => events.push(event) } })
  using client = await house.inside()
  await client.ask('RETR 99')
  await client.ask('XYZZY')
  await client.ask('QUIT')
  await client.raw.ended()
  await emptied(house)
  const told = events.map((event) =>
    event.kind === 'command' ? `${event.name} ${event.result}` : event.kind,
  )
  assert.deepEqual(told, ['opened', 'USER ok', 'PASS ok', 'RETR err', 'invalid err', 'QUIT ok', 'closed'])
  assert.equal(house.log.told('command').length, 5)
  const [closed, ...more] = house.log.told('session closed')
  assert.deepEqual(more, [])
  assert.equal(closed?.fields['how'], 'left')
  assert.equal(closed.fields['commands'], 5)
})

test('closing lets a RETR that is under way end', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  house.mailstore.gate = () => {
    begun.resolve()
    return goOn.promise
  }
  await client.ask('DELE 2')
  client.raw.send('RETR 1\r\nQUIT\r\n')
  await begun.promise
  const closed = house.server.close()
  goOn.resolve()
  const rest = await client.raw.ended()
  await closed
  // The QUIT behind it came too late to be heard: nothing is deleted.
  assert.match(rest, /^\+OK [^]*Hello, first\.\r\n\.\r\n$/)
  assert.deepEqual(house.keeper.updates, [])
  assert.equal(house.log.told('session closed')[0]?.fields['how'], 'stopping')
})

test('closing stops what does not end by itself, and says so', async (t) => {
  await using house = await openPopHouse()
  using client = await house.inside()
  const begun = Promise.withResolvers<void>()
  house.keeper.gate = (signal) => {
    begun.resolve()
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  }
  await client.ask('DELE 1')
  client.raw.send('QUIT\r\n')
  await begun.promise
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const closed = house.server.close()
  t.mock.timers.tick(5_000)
  assert.match(await client.raw.ended(), /^-ERR \[SYS\/TEMP\] /)
  await closed
  assert.deepEqual(house.keeper.updates, [])
})

for (const [how, leave] of [
  ['breaks', 'reset'],
  ['ends', 'finish'],
] as const)
  test(`a session with marks whose line ${how} deletes nothing, in the middle of a word neither`, async () => {
    await using house = await openPopHouse()
    using client = await house.inside()
    await client.ask('DELE 1')
    await client.ask('DELE 2')
    if (leave === 'reset') client.raw.reset()
    else client.raw.finish('QUI')
    await emptied(house)
    assert.deepEqual(house.keeper.updates, [])
    assert.equal(house.mailstore.attached, 0)
    assert.equal(house.log.told('session closed')[0]?.fields['how'], 'gone')
    using next = await house.inside()
    assert.match(await next.ask('STAT'), /^\+OK 3 /)
  })

test('a line that breaks in the middle of a large answer leaves nothing behind', async () => {
  const bytes = Buffer.alloc(8 * 1024 * 1024, 'Subject: large\r\n\r\nx')
  await using house = await openPopHouse({ mailboxes: [{ name: 'INBOX', messages: [{ bytes }] }] })
  using client = await house.inside()
  client.raw.send('RETR 1\r\n')
  await client.raw.until(/^\+OK/)
  client.raw.reset()
  await emptied(house)
  assert.deepEqual(
    house.log.entries.filter(({ level }) => level === 'error' || level === 'warn'),
    [],
  )
})

test('an octet now and then does not prolong the time to log in', async () => {
  await using house = await openPopHouse({ server: { limits: { loginMs: 150 } } })
  using client = await house.client()
  const drip = setInterval(() => client.raw.send('U'), 10)
  assert.equal(await client.raw.ended(), '')
  clearInterval(drip)
  await emptied(house)
  assert.equal(house.log.told('session closed')[0]?.fields['how'], 'login-timeout')
})

test('too many strangers: the oldest makes room', async () => {
  await using house = await openPopHouse({ server: { limits: { beforeLogin: 2 } } })
  using first = await house.client()
  using second = await house.client()
  using third = await house.client()
  assert.equal(await first.raw.ended(), '')
  assert.match(await second.ask('CAPA'), /^\+OK/)
  assert.match(await third.ask('CAPA'), /^\+OK/)
})

test('commands sent together with STLS are thrown away', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  client.raw.send(`STLS\r\nUSER ${user}\r\nPASS ${password}\r\nDELE 1\r\nQUIT\r\n`)
  assert.match(await client.line(), /^\+OK/)
  await client.raw.startTls()
  assert.match(await client.ask('STAT'), /^-ERR Log in first/)
  assert.deepEqual(house.asked, [])
})
