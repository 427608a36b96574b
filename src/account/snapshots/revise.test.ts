import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FlagTable } from '#mail/flags.ts'
import { mailboxId, messageKey, modSeq, uid } from '#mail/ids.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import { stepBetween } from '#mail/snapshot.ts'
import { reviseSnapshot } from './revise.ts'

const flagTable = new FlagTable()

interface Row {
  readonly uid: number
  readonly key: number
  readonly flag: number
  readonly modSeq: number
}

function snapshotOf(rows: readonly Row[], uidNext: number, highest: number): MailboxSnapshot {
  return {
    mailbox: mailboxId(1),
    uidValidity: 7,
    uidNext: uid(uidNext),
    highestModSeq: modSeq(highest),
    uids: Uint32Array.from(rows, (row) => row.uid),
    keys: Uint32Array.from(rows, (row) => row.key),
    flags: Uint32Array.from(rows, (row) => row.flag),
    modSeqs: Float64Array.from(rows, (row) => row.modSeq),
    flagTable,
    token: {},
  }
}

function differences(before: MailboxSnapshot, after: MailboxSnapshot): Uint32Array {
  const indexes = after.uids.map((_, index) => index)
  return indexes.filter((i) => before.flags[i] !== after.flags[i] || before.modSeqs[i] !== after.modSeqs[i])
}

const change = fc.record({
  joins: fc.integer({ min: 0, max: 3 }),
  leave: fc.array(fc.nat({ max: 30 }), { maxLength: 4 }),
  flag: fc.array(fc.tuple(fc.nat({ max: 30 }), fc.integer({ min: 0, max: 63 })), { maxLength: 4 }),
  mark: fc.record({
    at: fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 20 }),
    add: fc.constantFrom(0, 8, 65),
    remove: fc.constantFrom(0, 2, 64),
  }),
})

test('a revised snapshot is what a fresh reading of the rows would be, and the old one stays as it was', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      let rows: Row[] = []
      let next = 1
      let snapshot = snapshotOf(rows, next, 1)
      for (const [index, { joins, leave, flag, mark }] of changes.entries()) {
        const highest = index + 2
        const before = snapshot
        const copy = structuredClone([before.uids, before.keys, before.flags, before.modSeqs])
        const flags = new Map(
          flag.map(([at, bits]) => [uid(at + 1), { bits, keywords: bits > 32 ? ['Work'] : [] }] as const),
        )
        const { add, remove } = mark
        const keys = Uint32Array.from(mark.at, (at) => at + 101).sort()
        const left = new Set(leave.map((at) => uid(at + 1)))
        const joined = Array.from({ length: joins }, () => {
          const given = uid(next++)
          return { uid: given, key: messageKey(given + 100), bits: 1, keywords: [] }
        })
        rows = rows
          .map((row) => {
            const set = flags.get(uid(row.uid))
            const { bits, keywords } = flagTable.get(row.flag)
            if (set === undefined && keys.includes(row.key))
              return { ...row, flag: flagTable.intern((bits & ~remove) | add, keywords), modSeq: highest }
            return set === undefined
              ? row
              : { ...row, flag: flagTable.intern(set.bits, set.keywords), modSeq: highest }
          })
          .filter((row) => !left.has(uid(row.uid)))
          .concat(
            joined.map(({ uid: u, key }) => ({ uid: u, key, flag: flagTable.intern(1), modSeq: highest })),
          )
        const row = { uidNext: uid(next), highestModSeq: modSeq(highest), uidValidity: 7 }
        const marks = keys.length === 0 ? [] : [{ keys, add, remove, modSeq: modSeq(highest) }]
        snapshot = reviseSnapshot(before, row, { joined, left, flags, marks }, flagTable)
        const { step, ...columns } = snapshot
        assert.deepEqual(columns, snapshotOf(rows, next, highest))
        assert.deepEqual(
          stepBetween(before, snapshot),
          left.size > 0 || joins > 0 ? undefined : differences(before, snapshot),
        )
        assert.equal(step === undefined || step.from === before.token, true)
        assert.deepEqual([before.uids, before.keys, before.flags, before.modSeqs], copy)
      }
    }),
  )
})

test('columns that did not change are shared', () => {
  const before = snapshotOf([{ uid: 1, key: 1, flag: 0, modSeq: 1 }], 2, 1)
  const row = { uidNext: uid(2), highestModSeq: modSeq(2), uidValidity: 7 }
  const flags = new Map([[uid(1), { bits: 4, keywords: [] }]])
  const after = reviseSnapshot(before, row, { joined: [], left: new Set(), flags, marks: [] }, flagTable)
  assert.equal(after.uids, before.uids)
  assert.equal(after.keys, before.keys)
})
