import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPopHouse, password, threeMessages, user } from './testing/pop-house.ts'

test('a client logs in, looks, retrieves and leaves', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  assert.equal(client.greeting, '+OK Postern ready\r\n')
  assert.match(await client.ask(`user ${user}`), /^\+OK/)
  const sizes = threeMessages.map(({ bytes }) => bytes.length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  assert.equal(await client.ask(`pass ${password}`), `+OK 3 messages (${total} octets)`)
  assert.equal(await client.ask('STAT'), `+OK 3 ${total}`)
  assert.deepEqual(
    await client.lines('LIST'),
    sizes.map((size, index) => `${index + 1} ${size}`),
  )
  assert.equal(await client.ask('LIST 2'), `+OK 2 ${sizes[1]}`)
  assert.equal(await client.ask('UIDL 3'), '+OK 3 GmailId18c000000003')
  assert.deepEqual(await client.lines('UIDL'), [
    '1 GmailId18c000000001',
    '2 GmailId18c000000002',
    '3 GmailId18c000000003',
  ])
  assert.equal(await client.text('RETR 2'), threeMessages[1]?.bytes)
  assert.equal(await client.ask('NOOP'), '+OK')
  assert.match(await client.ask('QUIT'), /^\+OK/)
  assert.equal(await client.raw.ended(), '')
})
