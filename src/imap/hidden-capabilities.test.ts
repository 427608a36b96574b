import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, password, user } from './testing/house.ts'
import type { House } from './testing/house.ts'
import { RawClient } from './testing/raw-client.ts'

const login = `LOGIN ${user} "${password}"`

async function greeted(house: House): Promise<RawClient> {
  const client = await RawClient.connect({ host: house.host, port: house.imapPort })
  await client.until(/\r\n/)
  return client
}

const hidden = ['UIDONLY', 'COMPRESS=DEFLATE', 'NOTIFY', 'UNAUTHENTICATE', 'QUOTA', 'X-GM-EXT-1']

for (const [who, options] of [
  ['its password', { rights: { hiddenCapabilities: hidden } }],
  ['the operator', { server: { hiddenCapabilities: hidden.map((word) => word.toLowerCase()) } }],
] as const)
  test(`what ${who} hides is not announced, and is not there either`, async () => {
    await using house = await openHouse(options)
    using client = await greeted(house)
    const answer = await client.command('l', login)
    const told = await client.command('a', 'CAPABILITY')
    for (const text of [answer, told]) {
      assert.match(text, / MOVE /)
      for (const word of hidden) assert.ok(!text.includes(` ${word}`), word)
    }
    assert.match(await client.command('b', 'ENABLE UIDONLY UTF8=ACCEPT'), /^\* ENABLED UTF8=ACCEPT\r\n/)
    for (const line of ['COMPRESS DEFLATE', 'NOTIFY NONE', 'UNAUTHENTICATE', 'GETQUOTA ""'])
      assert.equal(await client.command('c', line), 'c BAD There is no such command\r\n')
  })

test('what a password hides is there again for the next who logs in on the connection', async () => {
  await using house = await openHouse({ rights: { hiddenCapabilities: ['NOTIFY'] } })
  using client = await greeted(house)
  await client.command('l', login)
  assert.match(await client.command('a', 'NOTIFY NONE'), /^a BAD /)
  assert.match(await client.command('b', 'UNAUTHENTICATE'), /^b OK /)
  assert.equal(await client.command('c', 'NOTIFY NONE'), 'c BAD Log in first\r\n')
})
