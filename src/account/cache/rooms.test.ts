import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as othersTurn } from 'node:timers/promises'
import { areGone, hold } from '#mail/lent-octets.ts'
import { Rooms } from './rooms.ts'

test('a room is used again when nobody holds any of it, and who looks later sees nothing', () => {
  const rooms = new Rooms()
  const { octets, leave } = rooms.take(1000)
  const message = octets.fill(1).subarray(10, 20)
  const release = hold(message)
  leave()
  const meanwhile = rooms.take(1000)
  assert.equal(message[0], 1)
  assert.notEqual(meanwhile.octets.buffer, octets.buffer)
  release?.()
  assert.ok(areGone(message))
  assert.equal(rooms.take(1000).octets[15], 1, 'the same memory, under another name')
})

test('who leaves twice leaves once', () => {
  const rooms = new Rooms()
  const { leave } = rooms.take(1)
  leave()
  leave()
  assert.notEqual(rooms.take(1).octets.buffer, rooms.take(1).octets.buffer)
})

test('a longer room than usual is as long as it must be and does not come back', () => {
  const rooms = new Rooms()
  const { octets, leave } = rooms.take(3_000_000)
  assert.equal(octets.length, 3_000_000)
  leave()
  assert.ok(areGone(octets))
  assert.ok(rooms.take(1).octets.length < 3_000_000)
})

test('what nobody has used for a while goes back to the system, each time', async () => {
  const rooms = new Rooms(1)
  for (let time = 0; time < 2; time++) {
    const some = [rooms.take(1), rooms.take(1)]
    for (const { leave } of some) leave()
    assert.ok(rooms.freeBytes > 0)
    while (rooms.freeBytes > 0) await othersTurn()
  }
})
