import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageId } from '#mail/ids.ts'
import { idsTellTime } from './present.ts'

const refs = (...ids: number[]) => ids.map((id) => ({ messageId: messageId(id.toString(16)) }))
const counted = Array.from({ length: 200 }, (_, index) => 1 + index)
const drawn = counted.map((id) => (id * 7919) % 2003)

test('ids that grow with a list tell time, though neighbours changed places and a few came with an old date', () => {
  assert.ok(idsTellTime(refs()))
  assert.ok(idsTellTime(refs(1)))
  assert.ok(idsTellTime(refs(...counted)))
  assert.ok(idsTellTime(refs(...counted.map((id, index) => 10 + id + (index % 2 === 0 ? 1 : -1)))))
  assert.ok(idsTellTime(refs(5000, 5001, 5002, ...counted)))
})

test('ids that are close to each other tell time, whatever the order of the dates', () => {
  assert.ok(idsTellTime(refs(...drawn.map((id) => 0x19_0000_0000 + id))))
})

test('ids that are drawn by lot tell nothing', () => {
  assert.ok(!idsTellTime(refs(...drawn)))
  assert.ok(!idsTellTime(refs(9, 3)))
})
