import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPopHouse, password, user } from './testing/pop-house.ts'

test('an endless line ends the session', async () => {
  await using house = await openPopHouse()
  using stranger = await house.client()
  stranger.raw.send('a'.repeat(8 * 1024 + 1))
  assert.equal(await stranger.raw.ended(), '-ERR The line is too long\r\n')
  using guest = await house.inside()
  guest.raw.send(`RETR ${'1'.repeat(100_000)}`)
  assert.equal(await guest.raw.ended(), '-ERR The line is too long\r\n')
  using between = await house.client()
  assert.match(await between.ask('AUTH PLAIN'), /^\+ /)
  between.raw.send('A'.repeat(100_000))
  assert.equal(await between.raw.ended(), '-ERR The line is too long\r\n')
})

test('a line that comes octet by octet, or with a bare LF, is read like any other', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  for (const octet of `USER ${user}\n`) client.raw.send(octet)
  assert.match(await client.line(), /^\+OK/)
  for (const octet of `PASS ${password}\r\n`) client.raw.send(octet)
  assert.match(await client.line(), /^\+OK/)
})

test('three commands that cannot be understood end a stranger, twenty in a row a guest', async () => {
  await using house = await openPopHouse()
  using stranger = await house.client()
  stranger.raw.send('X\r\nSTAT\r\nUSER\r\nUSER a\r\n')
  assert.match(await stranger.raw.ended(), /^(-ERR [^\n]*\n){3}-ERR Too many commands[^\n]*\n$/)
  using guest = await house.inside()
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 19; i++) await guest.ask('RETR x')
    assert.equal(await guest.ask('NOOP'), '+OK')
  }
  for (let i = 0; i < 19; i++) await guest.ask('RETR x')
  guest.raw.send('RETR 99\r\n')
  assert.match(await guest.raw.ended(), /^-ERR There is no[^\n]*\n-ERR Too many commands[^\n]*\n$/)
})

test('NUL, octets above 127 and control characters are refused, and never come back', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  for (const line of ['US\0ER a', `USER \xff\xfe`, 'PASS \xc3']) {
    const answer = await client.ask(line)
    assert.match(answer, /^-ERR [\x20-\x7e]+$/)
    await client.ask('NOOP')
  }
  await client.ask('USER a\x07b\x1b[31m@x')
  assert.match(await client.ask('PASS x'), /^-ERR \[AUTH\] [\x20-\x7e]+$/)
})

test('an HTTP request and a TLS hello on the clear port are cut off without a word', async () => {
  await using house = await openPopHouse()
  for (const text of [
    `POST / HTTP/1.1\r\nHost: x\r\n\r\nUSER ${user}\r\nPASS ${password}\r\nDELE 1\r\nQUIT\r\n`,
    '\x16\x03\x01\x02\x00\x01\n',
  ]) {
    using client = await house.client()
    client.raw.send(text)
    assert.equal(await client.raw.ended(), '')
  }
  assert.deepEqual(house.keeper.updates, [])
})

test('a client that reads nothing makes the house wait, not grow', async () => {
  const bytes = Buffer.alloc(1024 * 1024, 'Subject: large\r\n\r\nx')
  const messages = Array.from({ length: 60 }, () => ({ bytes }))
  await using house = await openPopHouse({ mailboxes: [{ name: 'INBOX', messages }] })
  using greedy = await house.inside()
  using other = await house.inside()
  greedy.raw.pause()
  greedy.raw.send(messages.map((_, index) => `RETR ${index + 1}\r\n`).join(''))
  // The other's commands go through the same event loop: many turns of it pass.
  for (let turn = 0; turn < 200; turn++) await other.ask('NOOP')
  // What the kernel's buffers hold on loopback, what we hold, and what is read ahead.
  assert.ok(house.mailstore.bodiesRead.length < 40, `${house.mailstore.bodiesRead.length} were read`)
  greedy.raw.resume()
  for (let index = 0; index < messages.length; index++) await greedy.body()
})

test('a client that pipelines without end does not keep another one waiting', async () => {
  await using house = await openPopHouse()
  using busy = await house.inside()
  using other = await house.inside()
  busy.raw.send('NOOP\r\n'.repeat(200_000))
  assert.equal(await other.ask('NOOP'), '+OK')
  assert.ok(busy.raw.received.length < 200_000 * 5, 'the other was answered first')
})

test('a message cannot end its own answer', async () => {
  const bytes = 'Subject: smuggler\r\n\r\na\r\n.\r\n+OK 1 1\r\nb\n.\n-ERR\n.\r\nc\r.\r\nlast\r\n.'
  await using house = await openPopHouse({ mailboxes: [{ name: 'INBOX', messages: [{ bytes }] }] })
  using client = await house.inside()
  assert.equal(await client.text('RETR 1'), `${bytes}\r\n`)
  assert.equal(await client.ask('NOOP'), '+OK')
  // For a client that takes a bare LF for a line end, too.
  client.raw.send('RETR 1\r\nNOOP\r\n')
  const answer = await client.raw.until(/\.\r\n\+OK\r\n/)
  const lines = answer.split('\n').map((line) => line.replace(/\r$/, ''))
  assert.equal(lines.indexOf('.'), lines.length - 3)
})

test('who does not log in in time, or says nothing for too long, is left without a word and without an UPDATE', async () => {
  await using house = await openPopHouse({ server: { limits: { loginMs: 50 } } })
  using stranger = await house.client()
  assert.equal(await stranger.raw.ended(), '')
  await using quick = await openPopHouse({ server: { limits: { idleMs: 2000 } } })
  using guest = await quick.inside()
  guest.raw.send('DELE 1\r\n')
  assert.match(await guest.raw.ended(), /^\+OK Message 1[^\n]*\n$/)
  assert.deepEqual(quick.keeper.updates, [])
})

test('more connections than there is room for are refused', async () => {
  await using house = await openPopHouse({ server: { limits: { total: 1 } } })
  using first = await house.inside()
  using second = await house.client()
  assert.match(second.greeting, /^-ERR \[SYS\/TEMP\] Too many connections/)
  assert.equal(await first.ask('NOOP'), '+OK')
})

test('closing the server ends all sessions, without an UPDATE, and frees the ports', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  await client.ask('DELE 1')
  await house.server.close()
  assert.equal(await client.raw.ended(), '')
  assert.deepEqual(house.keeper.updates, [])
  assert.equal(house.mailstore.attached, 0)
  await assert.rejects(house.client(), { code: 'ECONNREFUSED' })
})

test('a QUIT that is under way when the server closes is finished', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  house.keeper.gate = () => {
    begun.resolve()
    return goOn.promise
  }
  await client.ask('DELE 1')
  client.raw.send('QUIT\r\n')
  await begun.promise
  const closed = house.server.close()
  goOn.resolve()
  await closed
  assert.match(await client.raw.ended(), /^\+OK/)
  assert.equal(house.keeper.updates.length, 1)
})

test('a port that is taken makes listen() fail, and nothing listens then', async () => {
  await using house = await openPopHouse()
  const taken = house.pop3.port
  await assert.rejects(
    openPopHouse({
      server: { listeners: { host: '127.0.0.1', pop3Port: 0, pop3sPort: taken } } as object,
    }),
    { code: 'EADDRINUSE' },
  )
})
