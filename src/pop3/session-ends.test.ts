import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPopHouse, password, user } from './testing/pop-house.ts'

test('an account has room for so many connections', async () => {
  await using house = await openPopHouse({ server: { limits: { perAccount: 1 } } })
  using first = await house.inside()
  using second = await house.client()
  await second.ask(`USER ${user}`)
  assert.match(
    await second.ask(`PASS ${password}`),
    /^-ERR \[SYS\/TEMP\] This account has too many connections/,
  )
  assert.match(await first.ask('NOOP'), /^\+OK/)
})

test('a revoked password ends its sessions, and what they marked stays', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  await client.ask('DELE 1')
  house.server.endSessions(user, 'another')
  assert.match(await client.ask('NOOP'), /^\+OK/)
  house.server.endSessions(user, 'test')
  await assert.rejects(client.ask('NOOP'))
  assert.deepEqual(house.keeper.updates, [])
})
