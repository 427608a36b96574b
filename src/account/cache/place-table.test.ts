import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { accountId, messageId, type AccountId, type MessageId } from '#mail/ids.ts'
import { PlaceTable } from './place-table.ts'

const account = accountId(1)

test('a table of many thousand places finds each of them', () => {
  const table = new PlaceTable(() => true)
  const ids = Array.from({ length: 20_000 }, (_, index) =>
    messageId((0x18c0_0000_0000_0000n + BigInt(index) * 0x1_0000n).toString(16)),
  )
  for (const [offset, id] of ids.entries()) table.set(account, id, { segment: 1, offset, length: 1 })
  for (const [offset, id] of ids.entries())
    assert.deepEqual(table.find(account, id), { segment: 1, offset, length: 1 })
  assert.equal(table.find(accountId(2), ids[0] as MessageId), undefined)
})

test('ids of one digit and of sixteen are told apart', () => {
  const table = new PlaceTable(() => true)
  for (const [offset, id] of ['1', '100000000', 'ffffffffffffffff', 'ffffffff'].entries())
    table.set(account, messageId(id), { segment: 1, offset, length: 9 })
  assert.equal(table.find(account, messageId('100000000'))?.offset, 1)
  assert.equal(table.find(account, messageId('ffffffffffffffff'))?.offset, 2)
  assert.equal(table.find(account, messageId('ffffffff'))?.offset, 3)
  assert.equal(table.find(account, messageId('0'.repeat(15) + '1'))?.offset, 0)
})

test('a table does what a Map does, whatever is set, deleted and dropped', () => {
  // Few keys, so that they collide and come again.
  const key = fc.record({ account: fc.integer({ min: 1, max: 3 }), id: fc.integer({ min: 1, max: 3000 }) })
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.record({ set: key, segment: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 4, arbitrary: fc.record({ remove: key }) },
    { weight: 1, arbitrary: fc.record({ drop: fc.integer({ min: 1, max: 6 }) }) },
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 3000, size: 'max' }), (steps) => {
      const model = new Map<string, { account: AccountId; id: MessageId; segment: number; offset: number }>()
      const dead = new Set<number>()
      // A number is not used again after its segment was dropped.
      const number = (segment: number) =>
        segment + 6 * [...dead].filter((gone) => gone % 6 === segment % 6).length
      const table = new PlaceTable((segment) => !dead.has(segment))
      for (const [offset, one] of steps.entries()) {
        if ('set' in one) {
          const id = messageId(one.set.id.toString(16))
          const place = { segment: number(one.segment), offset, length: 7 }
          table.set(one.set.account as AccountId, id, place)
          model.set(`${one.set.account} ${id}`, { account: one.set.account as AccountId, id, ...place })
        } else if ('remove' in one) {
          const id = messageId(one.remove.id.toString(16))
          table.delete(one.remove.account as AccountId, id)
          model.delete(`${one.remove.account} ${id}`)
        } else {
          const gone = number(one.drop)
          dead.add(gone)
          for (const [name, { segment }] of model) if (segment === gone) model.delete(name)
        }
      }
      for (let id = 1; id <= 3000; id++)
        for (const owner of [1, 2, 3] as AccountId[]) {
          const name = messageId(id.toString(16))
          assert.equal(table.find(owner, name)?.offset, model.get(`${owner} ${name}`)?.offset)
        }
    }),
    { numRuns: 30 },
  )
})
