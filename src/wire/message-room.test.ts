import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hold } from './hold.ts'
import { MessageRoom } from './message-room.ts'

function caller() {
  const gone = new AbortController()
  const slow = Promise.withResolvers<string>()
  const heard: string[] = []
  const interrupt = (reason: string) => {
    heard.push(reason)
    slow.resolve(reason)
  }
  const connection = { closed: gone.signal, interrupt }
  return { connection, slow: slow.promise, heard, leave: () => gone.abort(new Error('gone')) }
}

test('whoever finds no room waits for it, but not for ever', async () => {
  const hold = new Hold(100)
  const first = new MessageRoom(hold, caller().connection)
  assert.equal(await first.take(60), true)
  const hasty = new MessageRoom(hold, caller().connection, { waitMs: 5, arriveMs: 60_000 })
  assert.equal(await hasty.take(60), false)
  const next = new MessageRoom(hold, caller().connection)
  const waiting = next.take(60)
  first.giveBack()
  assert.equal(await waiting, true)
  next.giveBack()
})

test('a client that is gone waits no more', async () => {
  const hold = new Hold(100)
  const first = new MessageRoom(hold, caller().connection)
  await first.take(100)
  const { connection, leave } = caller()
  const waiting = new MessageRoom(hold, connection).take(10)
  leave()
  assert.equal(await waiting, false)
  first.giveBack()
})

test('a client that holds room and sends too slowly is interrupted; one whose message has come is not', async () => {
  const hold = new Hold(100)
  const late = caller()
  const room = new MessageRoom(hold, late.connection, { waitMs: 60_000, arriveMs: 5 })
  await room.take(50)
  assert.equal(await late.slow, 'slow')
  room.giveBack()
  const quick = caller()
  const other = new MessageRoom(hold, quick.connection, { waitMs: 60_000, arriveMs: 5 })
  await other.take(100)
  other.arrived()
  const longer = caller()
  const third = new MessageRoom(hold, longer.connection, { waitMs: 20, arriveMs: 5 })
  assert.equal(await third.take(100), false)
  assert.deepEqual(quick.heard, [])
  other.giveBack()
})
