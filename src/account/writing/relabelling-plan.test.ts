import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { LabelId, MessageId } from '#mail/ids.ts'
import { allMail, systemLabel } from '../label-rules.ts'
import { planRelabelling } from './relabelling-plan.ts'
import { trashed } from './transfer-rules.ts'

const { inbox, starred, unread, trash } = systemLabel
const label = (n: number) => `Label_${n}` as LabelId

function intended(n: number, before: LabelId[], after: LabelId[]) {
  return { messageId: n.toString(16) as MessageId, before: new Set(before), after: new Set(after) }
}

test('messages with different labels go to Trash in one change', () => {
  const messages = Array.from({ length: 40 }, (_, n) => {
    const before = new Set([inbox, label(n), allMail])
    return { messageId: n.toString(16) as MessageId, before, after: trashed(before) }
  })
  const plan = planRelabelling(messages)
  assert.equal(plan.length, 1)
  assert.deepEqual(plan[0]?.add, [trash])
  assert.equal(plan[0].remove.length, 41)
})

test('no change takes more than a hundred labels off', () => {
  const messages = Array.from({ length: 250 }, (_, n) => {
    const before = new Set([label(n)])
    return { messageId: n.toString(16) as MessageId, before, after: trashed(before) }
  })
  const plan = planRelabelling(messages)
  assert.equal(plan.length, 3)
  for (const { remove } of plan) assert.ok(remove.length <= 100)
})

test('what has the label already shares the change of the others, and nothing to change is no change', () => {
  const plan = planRelabelling([
    intended(1, [inbox], [label(1)]),
    intended(2, [inbox, label(1)], [label(1)]),
    intended(3, [label(1)], [label(1)]),
  ])
  assert.deepEqual(plan, [{ ids: ['1', '2'], add: [label(1)], remove: [inbox] }])
})

test('whatever is asked, each message ends with its own labels, in one change', () => {
  const labels = [inbox, starred, unread, label(1), label(2)]
  const some = fc.uniqueArray(fc.constantFrom(...labels))
  fc.assert(
    fc.property(fc.array(fc.tuple(some, some), { maxLength: 30 }), (pairs) => {
      const messages = pairs.map(([before, after], n) => intended(n, before, after))
      const held = new Map(messages.map(({ messageId, before }) => [messageId, new Set(before)]))
      const touched = new Set<MessageId>()
      for (const { ids, add, remove } of planRelabelling(messages)) {
        assert.ok(add.every((one) => !remove.includes(one)))
        for (const id of ids) {
          assert.ok(!touched.has(id))
          touched.add(id)
          for (const one of add) held.get(id)?.add(one)
          for (const one of remove) held.get(id)?.delete(one)
        }
      }
      for (const { messageId, after } of messages)
        assert.deepEqual([...(held.get(messageId) ?? [])].sort(), [...after].sort())
    }),
  )
})
