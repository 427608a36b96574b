import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, prepareGround } from './testing/house.ts'

const limit = { timeout: 30_000 }

test('a first sync lists every label once and reads no message', limit, async (t) => {
  const ground = await prepareGround(t)
  for (let n = 0; n < 5; n++) await ground.control.deliver(`m${n}`)
  await ground.control.do('ledger', { reset: true })
  const house = await openHouse(ground)
  const state = await house.until(({ phase }) => phase === 'live')
  const spent = await ground.control.spent()
  console.log(spent.text, state)
  assert.equal(spent.calls('messages.get'), 0)
  const inbox = await house.snapshot('INBOX')
  assert.deepEqual([...inbox.uids], [1, 2, 3, 4, 5])
})
