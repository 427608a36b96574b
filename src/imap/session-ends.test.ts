import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greeted } from './testing/guests.ts'
import { openHouse, password, user } from './testing/house.ts'

const login = `LOGIN ${user} "${password}"`

test('an account has room for so many connections; one that leaves makes room', async () => {
  await using house = await openHouse({ server: { limits: { perAccount: 2 } } })
  using first = await greeted(house)
  using second = await greeted(house)
  using third = await greeted(house)
  assert.match(await first.command('a', login), /^a OK /)
  assert.match(await second.command('a', login), /^a OK /)
  assert.match(await third.command('a', login), /^a NO \[LIMIT\] This account has too many connections/)
  await first.command('b', 'LOGOUT')
  await first.ended()
  assert.match(await third.command('b', login), /^b OK /)
  // Who leaves the account but not the connection has left its place too.
  await second.command('c', 'UNAUTHENTICATE')
  using fourth = await greeted(house)
  assert.match(await fourth.command('a', login), /^a OK /)
  assert.match(await second.command('d', login), /^d NO \[LIMIT\]/)
})

test('many logins at the same time do not get more places than there are', async () => {
  await using house = await openHouse({ server: { limits: { perAccount: 3 } } })
  const clients = await Promise.all(Array.from({ length: 10 }, () => greeted(house)))
  const answers = await Promise.all(clients.map((client) => client.command('a', login)))
  assert.equal(answers.filter((answer) => answer.startsWith('a OK')).length, 3)
  for (const client of clients) client[Symbol.dispose]()
})

test('a revoked password ends its sessions with BYE, also in IDLE; others go on', async () => {
  await using house = await openHouse()
  using waiting = await greeted(house)
  using idling = await greeted(house)
  using stranger = await greeted(house)
  await waiting.command('a', login)
  await idling.command('a', login)
  idling.send('b IDLE\r\n')
  await idling.until(/\+ idling\r\n/)
  house.server.endSessions(user, 'another')
  house.server.endSessions('bob@bridge.test')
  assert.match(await waiting.command('c', 'NOOP'), /^c OK /)
  house.server.endSessions(user, 'test')
  assert.equal(await waiting.ended(), '* BYE The password was revoked\r\n')
  assert.match(await idling.ended(), /\* BYE The password was revoked\r\n$/)
  assert.match(await stranger.command('d', 'NOOP'), /^d OK /)
})

test('without the name of a password all sessions of the account end', async () => {
  await using house = await openHouse()
  using client = await greeted(house)
  await client.command('a', login)
  await client.command('b', 'NOTIFY SET (personal (MessageNew MessageExpunge))')
  house.server.endSessions(user)
  assert.equal(await client.ended(), '* BYE The password was revoked\r\n')
})
