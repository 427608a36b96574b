import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPostHouse } from './testing/post-house.ts'
import { password, user } from './testing/people.ts'
import { RawClient } from './testing/raw-client.ts'

const message = `From: ${user}\r\nTo: bob@example.com\r\nSubject: Hi\r\n\r\nHello\r\n.`
const plain = Buffer.from(`\0${user}\0${password}`).toString('base64')

test('an account has room for so many connections, over all listeners', async (t) => {
  const house = await openPostHouse(t, { limits: { perAccount: 1 }, plainLoginAllowed: true })
  const first = await RawClient.openLoggedIn(house.smtps)
  const second = await RawClient.open(house.smtp)
  t.after(() => second.close())
  await second.ask('EHLO client.test')
  assert.match(
    await second.ask(`AUTH PLAIN ${plain}`),
    /^454[ -]4\.7\.0 This account has too many connections/,
  )
  assert.match(await first.ask('QUIT'), /^221/)
  first.close()
  while (house.server.sessions().length > 1) await new Promise(setImmediate)
  assert.match(await second.ask(`AUTH PLAIN ${plain}`), /^235/)
})

test('a revoked password ends an idle session at once, others go on', async (t) => {
  const house = await openPostHouse(t)
  const client = await RawClient.openLoggedIn(house.smtps)
  t.after(() => client.close())
  house.server.endSessions(user, 'another')
  house.server.endSessions('bob@example.com', 'test')
  assert.match(await client.ask('NOOP'), /^250/)
  house.server.endSessions(user, 'test')
  assert.match(await client.reply(), /^421 4\.7\.0 The password was revoked/)
  assert.equal(await client.reply(), '')
})

test('a message that is under way when its password is revoked is finished, and is the last one', async (t) => {
  const house = await openPostHouse(t)
  const client = await RawClient.openLoggedIn(house.smtps)
  t.after(() => client.close())
  await client.ask(`MAIL FROM:<${user}>`)
  await client.ask('RCPT TO:<bob@example.com>')
  assert.match(await client.ask('DATA'), /^354/)
  house.server.endSessions(user)
  assert.match(await client.ask(message), /^250 2\.0\.0 OK/)
  assert.match(await client.ask(`MAIL FROM:<${user}>`), /^421 4\.7\.0 The password was revoked/)
  assert.equal(await client.reply(), '')
})
