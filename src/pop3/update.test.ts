import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MailError } from '#mail/errors.ts'
import { openPopHouse, threeMessages, user } from './testing/pop-house.ts'
import type { PopHouse } from './testing/pop-house.ts'

async function numbers(house: PopHouse, name?: string): Promise<string[]> {
  using client = await house.inside(name)
  const lines = await client.lines('UIDL')
  client.raw.finish('QUIT\r\n')
  await client.raw.ended()
  return lines.map((line) => line.slice(-1))
}

test('DELE only marks; RSET takes the marks away; QUIT makes them true in one call', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  assert.match(await client.ask('DELE 1'), /^\+OK/)
  assert.match(await client.ask('DELE 1'), /^-ERR Message 1 is marked as deleted/)
  assert.match(await client.ask('RETR 1'), /^-ERR Message 1 is marked as deleted/)
  assert.match(await client.ask('STAT'), /^\+OK 2 /)
  assert.deepEqual(
    (await client.lines('LIST')).map((line) => line[0]),
    ['2', '3'],
  )
  assert.match(await client.ask('RSET'), /^\+OK 3 messages/)
  assert.equal(await client.text('RETR 1'), threeMessages[0]?.bytes)
  await client.ask('DELE 3')
  await client.ask('DELE 2')
  assert.deepEqual(house.keeper.updates, [])
  assert.match(await client.ask('QUIT'), /^\+OK/)
  const { mailstore, keeper } = house
  assert.deepEqual(
    keeper.updates.map(({ change }) => change),
    [
      {
        retrieved: [mailstore.keyOf('INBOX', 1)],
        deleted: [mailstore.keyOf('INBOX', 2), mailstore.keyOf('INBOX', 3)],
      },
    ],
  )
})

test('a line that is lost undoes everything, even in the middle of QUIT', async () => {
  await using house = await openPopHouse()
  for (const end of ['', 'QUIT', 'QUIT\r']) {
    using client = await house.inside()
    await client.text('RETR 1')
    await client.ask('DELE 2')
    client.raw.finish(end)
    await client.raw.ended()
  }
  assert.deepEqual(house.keeper.updates, [])
  assert.deepEqual(await numbers(house), ['1', '2', '3'])
})

test('a session that only looked changes nothing: TOP and LIST do not count', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  await client.text('TOP 1 99999999')
  await client.lines('LIST')
  assert.match(await client.ask('QUIT'), /^\+OK/)
  assert.deepEqual(house.keeper.updates, [])
})

test('what was retrieved or deleted is not on offer again, but for recent: and where that is switched off', async () => {
  const now = Date.now()
  const mailboxes = [
    { name: 'INBOX', messages: threeMessages.map((message) => ({ ...message, internalDate: now })) },
  ]
  for (const poppedOnce of [true, false]) {
    await using house = await openPopHouse({ mailboxes, server: { poppedOnce } })
    using client = await house.inside()
    await client.text('RETR 1')
    await client.ask('DELE 2')
    await client.ask('QUIT')
    assert.deepEqual(await numbers(house), poppedOnce ? ['3'] : ['1', '3'])
    assert.deepEqual(await numbers(house, `recent:${user}`), ['1', '2', '3'])
  }
})

test('a recent: session leaves no trace of what it retrieved', async () => {
  const messages = threeMessages.map((message) => ({ ...message, internalDate: Date.now() }))
  await using house = await openPopHouse({ mailboxes: [{ name: 'INBOX', messages }] })
  using client = await house.inside(`recent:${user}`)
  await client.text('RETR 1')
  await client.ask('QUIT')
  assert.deepEqual(await numbers(house), ['1', '2', '3'])
})

test('when the change fails, QUIT says so, and the next session finds everything', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  await client.text('RETR 1')
  await client.ask('DELE 2')
  house.keeper.trouble = new MailError('unavailable', 'Gmail cannot be reached')
  assert.equal(await client.ask('QUIT'), '-ERR [SYS/TEMP] Nothing is changed: Gmail cannot be reached')
  assert.equal(await client.raw.ended(), '')
  house.keeper.trouble = undefined
  assert.deepEqual(await numbers(house), ['1', '2', '3'])
})

test('a client that hangs up after QUIT gets what it asked for', async () => {
  await using house = await openPopHouse()
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const seen = Promise.withResolvers<AbortSignal>()
  house.keeper.gate = async (signal) => {
    seen.resolve(signal)
    begun.resolve()
    await goOn.promise
  }
  const client = await house.inside()
  await client.ask('DELE 1')
  client.raw.send('QUIT\r\n')
  await begun.promise
  client[Symbol.dispose]()
  goOn.resolve()
  assert.equal((await seen.promise).aborted, false)
  await house.server.close()
  assert.equal(house.keeper.updates.length, 1)
})

test('a read-only password cannot delete', async () => {
  await using house = await openPopHouse({ rights: { readOnly: true } })
  using client = await house.inside()
  assert.equal(await client.ask('DELE 1'), '-ERR [SYS/PERM] This password is read-only')
  await client.text('RETR 1')
  assert.match(await client.ask('QUIT'), /^\+OK/)
  assert.deepEqual(house.keeper.updates[0]?.change.deleted, [])
})

test('several sessions may have one maildrop open, and no mark is lost', async () => {
  await using house = await openPopHouse()
  using one = await house.inside()
  using two = await house.inside()
  await one.ask('DELE 1')
  await two.ask('DELE 2')
  await one.text('RETR 3')
  await one.ask('QUIT')
  assert.equal(await two.text('RETR 1'), threeMessages[0]?.bytes)
  await two.ask('QUIT')
  assert.deepEqual(await numbers(house), [])
})

test('the maildrop is frozen at login', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  house.mailstore.deliver('INBOX', { bytes: 'Subject: new\r\n\r\n' })
  house.mailstore.remove('INBOX', 1)
  assert.match(await client.ask('STAT'), /^\+OK 3 /)
  assert.equal(await client.text('RETR 1'), threeMessages[0]?.bytes)
  assert.deepEqual(await numbers(house), ['2', '3', '4'])
})
