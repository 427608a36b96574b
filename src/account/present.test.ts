import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageId } from '#mail/ids.ts'
import { idsTellTime } from './present.ts'

const refs = (...ids: string[]) => ids.map((id) => ({ messageId: messageId(id) }))

test("ids like Google's, of twenty years, tell time", () => {
  assert.ok(idsTellTime(refs()))
  assert.ok(idsTellTime(refs('18c0ffee12345678')))
  assert.ok(idsTellTime(refs('0fb5c0ffee123456', '19a0ffee12345678', '11be1a8c2e000000')))
})

test('ids that are drawn by lot, or counted, do not', () => {
  assert.ok(!idsTellTime(refs('9', '3')))
  assert.ok(!idsTellTime(refs('f2c0ffee00000000', 'e1c0ffee00000000')))
  assert.ok(!idsTellTime(refs('18c0ffee12345678', '3')))
})
