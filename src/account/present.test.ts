import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageId } from '#mail/ids.ts'
import { idsFollow } from './present.ts'

const refs = (...ids: number[]) => ids.map((id) => ({ messageId: messageId(id.toString(16)) }))
const counted = Array.from({ length: 200 }, (_, index) => 1000 + index)

test('ids that grow with time follow a list, though neighbours changed places and a few came with an old date', () => {
  assert.ok(idsFollow(refs()))
  assert.ok(idsFollow(refs(1)))
  assert.ok(idsFollow(refs(...counted)))
  assert.ok(idsFollow(refs(...counted.map((id, index) => id + (index % 2 === 0 ? 1 : -1)))))
  assert.ok(idsFollow(refs(5000, 5001, 5002, ...counted)))
})

test('ids without an order do not follow a list', () => {
  assert.ok(!idsFollow(refs(...counted.toReversed())))
  assert.ok(!idsFollow(refs(...counted.map((id) => (id * 7919) % 2003))))
  assert.ok(!idsFollow(refs(9, 5)))
})
