import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, password, user } from './testing/house.ts'
import { RawClient } from './testing/raw-client.ts'

test('UNAUTHENTICATE goes back to before the login: nothing selected or enabled, and another may log in', async () => {
  await using house = await openHouse()
  using client = await RawClient.connect({ host: house.host, port: house.imapPort })
  await client.command('a', `LOGIN ${user} "${password}"`)
  await client.command('b', 'ENABLE UTF8=ACCEPT')
  await client.command('c', 'SELECT INBOX')
  assert.equal(house.mailstore.attached, 1)
  assert.match(
    await client.command('d', 'UNAUTHENTICATE'),
    /^d OK \[CAPABILITY [^\]]*AUTH=PLAIN[^\]]*\] Logged out\r\n$/,
  )
  assert.equal(house.mailstore.attached, 0)
  assert.equal(house.server.sessions()[0]?.address, undefined)
  assert.match(await client.command('e', 'NOOP'), /^e OK/)
  assert.match(await client.command('f', 'FETCH 1 UID'), /^f BAD/)
  assert.match(await client.command('g', 'UNAUTHENTICATE'), /^g BAD/)
  client.send(`h LOGIN ${user} "${password}"\r\ni ENABLE UTF8=ACCEPT\r\n`)
  assert.match(await client.until(/i OK.*\r\n/), /h OK [^]*\* ENABLED UTF8=ACCEPT\r\n/)
})

test('whoever has unauthenticated has as long to log in as anybody', async () => {
  await using house = await openHouse({ server: { limits: { loginMs: 1500 } } })
  using client = await RawClient.connect({ host: house.host, port: house.imapPort })
  client.send(`a LOGIN ${user} "${password}"\r\nb UNAUTHENTICATE\r\n`)
  assert.match(await client.ended(), /b OK [^]*\* BYE The login took too long\r\n$/)
})
