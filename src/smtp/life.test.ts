import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { DoorEvent } from '#wire/visit.ts'
import { openPostHouse } from './testing/post-house.ts'
import type { PostHouse } from './testing/post-house.ts'
import { password, user } from './testing/people.ts'
import { RawClient } from './testing/raw-client.ts'

const message = `From: ${user}\r\nTo: bob@example.com\r\nSubject: Hi\r\n\r\nHello\r\n`

async function inside(t: TestContext, house: PostHouse): Promise<RawClient> {
  const client = await RawClient.openLoggedIn(house.smtps)
  t.after(() => client.close())
  return client
}

async function stranger(t: TestContext, house: PostHouse): Promise<RawClient> {
  const client = await RawClient.open(house.smtp)
  t.after(() => client.close())
  return client
}

async function begin(client: RawClient): Promise<void> {
  assert.match(await client.ask(`MAIL FROM:<${user}>`), /^250/)
  assert.match(await client.ask('RCPT TO:<bob@example.com>'), /^250/)
  assert.match(await client.ask('DATA'), /^354/)
}

/** Until the server has noticed. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

async function endings(house: PostHouse): Promise<unknown[]> {
  await until(() => house.server.sessions().length === 0)
  return house.log.told('session closed').map(({ fields }) => fields['how'])
}

test('the sessions tell who is there and what everybody does', async (t) => {
  const house = await openPostHouse(t)
  const client = await stranger(t, house)
  await client.ask('EHLO laptop.example')
  assert.equal(house.server.sessions()[0]?.program, 'laptop.example')
  assert.equal(house.server.sessions()[0]?.secure, false)
  await client.ask('STARTTLS')
  await client.startTls()
  await client.ask('EHLO desk.example')
  const auth = `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`
  await client.ask(auth)
  await begin(client)
  client.write(message)
  const said = ['EHLO laptop.example', 'STARTTLS', 'EHLO desk.example', auth, `MAIL FROM:<${user}>`]
  const lines = [...said, 'RCPT TO:<bob@example.com>', 'DATA', message].join('\r\n')
  // Those before STARTTLS are counted too.
  await until(() => house.server.sessions()[0]?.bytesIn === lines.length)
  const [one, ...others] = house.server.sessions()
  assert.deepEqual(others, [])
  assert.equal(one?.door, 'smtp')
  assert.equal(one.secure, true)
  assert.equal(one.program, 'desk.example')
  assert.equal(one.address, user)
  assert.equal(one.doing, 'DATA')
  client.write('.\r\n')
  assert.match(await client.reply(), /^250/)
  assert.equal(house.server.sessions()[0]?.doing, 'waiting')
})

test('commands are counted by name and result, a message by what became of it', async (t) => {
  const events: DoorEvent[] = []
  const house = await openPostHouse(t, { onEvent: (event) => events.push(event) })
  const client = await inside(t, house)
  await client.ask('XYZZY secret')
  await client.ask('MAIL FROM:<>>')
  await begin(client)
  client.write(`${message}.\r\n`)
  await client.reply()
  await begin(client)
  client.write(`${message}x\n.\r\n\r\n.\r\n`)
  await client.reply()
  await client.ask('QUIT')
  client.close()
  await until(() => events.at(-1)?.kind === 'closed')
  const told = events.map((event) =>
    event.kind === 'command' ? `${event.name} ${event.result}` : event.kind,
  )
  const [mail, rcpt] = ['MAIL 2xx', 'RCPT 2xx']
  assert.deepEqual(told, [
    'opened',
    'EHLO 2xx',
    'AUTH 2xx',
    'invalid 5xx',
    'MAIL 5xx',
    mail,
    rcpt,
    'DATA 2xx',
    mail,
    rcpt,
    'DATA 5xx',
    'QUIT 2xx',
    'closed',
  ])
  assert.equal(house.log.told('session opened').length, 1)
  const [closed, ...more] = house.log.told('session closed')
  assert.deepEqual(more, [])
  assert.equal(closed?.fields['how'], 'left')
  assert.equal(closed.fields['commands'], 11)
  assert.ok(house.log.told('command').every(({ level }) => level === 'debug'))
  assert.ok(!house.log.lines.join('\n').includes('secret'))
  assert.ok(!house.log.lines.join('\n').includes('bob@example.com'))
})

test('closing in the middle of a message lets it end, then says 421 by itself', async (t) => {
  const house = await openPostHouse(t)
  const client = await inside(t, house)
  await begin(client)
  client.write(message)
  const closed = house.server.close()
  client.write('.\r\n')
  assert.match(await client.reply(), /^250 2\.0\.0 OK/)
  assert.match(await client.reply(), /^421 4\.3\.2 Postern is being closed/)
  assert.equal(await client.reply(), '')
  await closed
  assert.equal(house.outbox.sent.length, 1)
  assert.deepEqual(await endings(house), ['stopping'])
})

test('closing does not wait for a message that does not come; it is not sent', async (t) => {
  const house = await openPostHouse(t)
  const client = await inside(t, house)
  await begin(client)
  client.write(message)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const closed = house.server.close()
  t.mock.timers.tick(4_999)
  assert.equal(house.server.sessions().length, 1)
  t.mock.timers.tick(1)
  assert.match(await client.reply(), /^421 4\.3\.2/)
  t.mock.timers.tick(2_000)
  await closed
  assert.deepEqual(house.outbox.sent, [])
})

test('a message that Gmail does not answer for while Postern closes is told as one to be sent again', async (t) => {
  const house = await openPostHouse(t)
  const client = await inside(t, house)
  const begun = Promise.withResolvers<void>()
  house.outbox.gate = (signal) => {
    begun.resolve()
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  }
  await begin(client)
  client.write(`${message}.\r\n`)
  await begun.promise
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const closed = house.server.close()
  t.mock.timers.tick(5_000)
  assert.match(await client.reply(), /^451 4\.3\.2/)
  assert.match(await client.reply(), /^421 4\.3\.2/)
  t.mock.timers.tick(2_000)
  await closed
})

for (const [how, leave] of [
  ['breaks', 'reset'],
  ['ends', 'finish'],
] as const)
  test(`a message whose line ${how} in the middle is not sent`, async (t) => {
    const house = await openPostHouse(t)
    const client = await inside(t, house)
    await begin(client)
    client.write(`${message}.\r`)
    client[leave]()
    await until(() => house.server.sessions().length === 0)
    assert.deepEqual(house.outbox.sent, [])
    assert.deepEqual(await endings(house), ['gone'])
    assert.ok(!house.log.entries.some(({ level }) => level === 'error'))
  })

test('an octet now and then does not prolong the time to log in', async (t) => {
  const house = await openPostHouse(t, { limits: { loginMs: 150 } })
  const client = await stranger(t, house)
  const drip = setInterval(() => client.write('E'), 10)
  t.after(() => clearInterval(drip))
  assert.match(await client.reply(), /^421 4\.4\.2 No login/)
  assert.equal(await client.reply(), '')
  assert.deepEqual(await endings(house), ['login-timeout'])
})

test('silence ends a session', async (t) => {
  const house = await openPostHouse(t, { limits: { idleMs: 1500 } })
  const client = await inside(t, house)
  assert.match(await client.reply(), /^421 /)
  client.close()
  await until(() => house.server.sessions().length === 0)
  assert.deepEqual(await endings(house), ['idle'])
})

test('the limit of connections is one for all listeners; strangers make room, guests do not', async (t) => {
  const house = await openPostHouse(t, { limits: { total: 2 } })
  const first = await inside(t, house)
  const second = await stranger(t, house)
  const third = await inside(t, house)
  assert.match(await second.reply(), /^421 4\.3\.2/)
  const socket = connect(house.smtp)
  t.after(() => socket.destroy())
  const [words] = (await once(socket, 'data')) as [Buffer]
  assert.match(words.toString(), /^421 4\.3\.2 Too many connections/)
  for (const one of [first, third]) assert.match(await one.ask('NOOP'), /^250/)
})

/** Connects, and says nothing of the handshake. */
async function silent(t: TestContext, { host, port }: PostHouse['smtps']): Promise<Socket> {
  const socket = connect({ host, port })
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket.resume()
}

test('those who never finish their handshake count as strangers: the oldest makes room', async (t) => {
  const house = await openPostHouse(t, { limits: { beforeLogin: 2 } })
  const first = await silent(t, house.smtps)
  const firstGone = once(first, 'close')
  const second = await silent(t, house.smtps)
  const client = await inside(t, house)
  await firstGone
  assert.match(await client.ask('NOOP'), /^250/)
  assert.equal(second.destroyed, false)
})

test('those who never finish their handshake have as long as there is to log in', async (t) => {
  const house = await openPostHouse(t, { limits: { loginMs: 100 } })
  const socket = await silent(t, house.smtps)
  await once(socket, 'close')
})

test('closing cuts a handshake that does not end, on the TLS port and behind STARTTLS', async (t) => {
  const house = await openPostHouse(t)
  const implicit = await silent(t, house.smtps)
  const client = await stranger(t, house)
  await client.ask('EHLO x')
  await client.ask('STARTTLS')
  // The beginning of a client hello.
  client.write('\x16\x03\x01\x02\x00\x01')
  const cut = once(implicit, 'close')
  await house.server.close()
  await cut
  assert.equal(await client.reply(), '')
  assert.deepEqual(house.server.sessions(), [])
})

test('a password that was right in the clear counts no more behind STARTTLS, and has no seat', async (t) => {
  const house = await openPostHouse(t, { plainLoginAllowed: true, limits: { perAccount: 1 } })
  const client = await stranger(t, house)
  await client.ask('EHLO x')
  const plain = `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`
  assert.match(await client.ask(plain), /^235/)
  await client.ask('STARTTLS')
  await client.startTls()
  await client.ask('EHLO x')
  assert.equal(house.server.sessions()[0]?.address, undefined)
  assert.match(await client.ask(`MAIL FROM:<${user}>`), /^530/)
  const other = await inside(t, house)
  assert.match(await other.ask('NOOP'), /^250/)
  assert.match(await client.ask(plain), /^454/)
})

test('a client that pipelines without end does not keep another one waiting', async (t) => {
  const house = await openPostHouse(t)
  const busy = await inside(t, house)
  const other = await inside(t, house)
  busy.write('NOOP\r\n'.repeat(50_000))
  await busy.reply()
  assert.match(await other.ask('NOOP'), /^250/)
  assert.ok(busy.rest.length < 49_000 * 'NOOP'.length, 'the other was answered first')
})

test('a line that comes octet by octet is read like any other', async (t) => {
  const house = await openPostHouse(t)
  const client = await stranger(t, house)
  for (const octet of 'EHLO x\r\n') {
    client.write(octet)
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.match(await client.reply(), /^250-/)
})

test('an endless line of a stranger ends the session', async (t) => {
  const house = await openPostHouse(t)
  const client = await stranger(t, house)
  client.write('E'.repeat(20_000))
  assert.match(await client.reply(), /^421 5\.5\.2/)
  assert.equal(await client.reply(), '')
  assert.deepEqual(await endings(house), ['turned-away'])
})

test('a client that reads no replies is not written to without bound', async (t) => {
  const house = await openPostHouse(t)
  const greedy = await inside(t, house)
  const other = await inside(t, house)
  greedy.pause()
  const asked = 2_000_000
  greedy.write('RSET\r\n'.repeat(asked))
  const written = () => house.server.sessions()[0]?.bytesOut ?? 0
  for (let before = 0; before === 0 || before !== written();) {
    before = written()
    // The other's commands go through the same event loop: many turns of it pass.
    for (let n = 0; n < 50; n++) assert.match(await other.ask('NOOP'), /^250/)
  }
  assert.equal(house.server.sessions().length, 2)
  const all = asked * '250 2.0.0 Flushed\r\n'.length
  assert.ok(written() < all / 2, `${written()} octets were written to a client that reads none`)
})
