import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hurriedClock, never, openHouse, prepareGround } from './testing/house.ts'
import { caughtUp } from './testing/truth.ts'

const limit = { timeout: 180_000 }

test('every mailbox that changes is told of, with what changed in it, and no other', limit, async (t) => {
  const ground = await prepareGround(t)
  const first = await ground.control.deliver('m0')
  await ground.control.deliver('m1')
  const house = await openHouse(ground, { clock: hurriedClock(50) })
  const { mailstore } = house.account
  mailstore.attach()
  await house.until(({ phase }) => phase === 'live')
  const names = new Map((await mailstore.mailboxes(never)).map(({ id, name }) => [id, name]))
  const heard = new Set<string>()
  const stop = mailstore.onStatus((mailbox, change) => heard.add(`${names.get(mailbox)} ${change}`))
  const take = async () => {
    await caughtUp(house, ground.control)
    const taken = [...heard].sort()
    heard.clear()
    return taken
  }
  await ground.control.do('labels', { ids: [first], remove: ['UNREAD'] })
  assert.deepEqual(await take(), ['INBOX flags', '[Gmail]/All Mail flags'])
  await ground.control.do('labels', { ids: [first], add: ['STARRED'] })
  assert.deepEqual(await take(), ['INBOX flags', '[Gmail]/All Mail flags', '[Gmail]/Starred messages'])
  await ground.control.do('labels', { ids: [first], remove: ['INBOX'] })
  assert.deepEqual(await take(), ['INBOX messages'])
  stop()
  await ground.control.deliver('m2')
  assert.deepEqual(await take(), [])
})

test('mailboxes that come, are renamed, subscribed to or go are told of', limit, async (t) => {
  const ground = await prepareGround(t)
  const house = await openHouse(ground, { clock: hurriedClock(50) })
  const { mailstore } = house.account
  mailstore.attach()
  await house.until(({ phase }) => phase === 'live')
  await mailstore.mailboxes(never)
  let heard = 0
  const stop = mailstore.onMailboxes(() => heard++)
  const told = async (work: () => Promise<unknown>) => {
    heard = 0
    await work()
    assert.ok(heard > 0)
  }
  await told(() => mailstore.createMailbox('Travel', undefined, never))
  await mailstore.mailboxes(never)
  await told(() => mailstore.renameMailbox('Travel', 'Journeys', never))
  await told(() => mailstore.setSubscribed('Journeys', false, never))
  await told(() => mailstore.setSubscribed('No such name', true, never))
  await told(() => mailstore.deleteMailbox('Journeys', never))
  stop()
  heard = 0
  await mailstore.createMailbox('Work', undefined, never)
  assert.equal(heard, 0)
})
