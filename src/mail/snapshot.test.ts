import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FlagTable } from './flags.ts'
import { mailboxId, modSeq, uid } from './ids.ts'
import { diffSnapshots, indexOfUid, keyAt, lowerBound, type MailboxSnapshot } from './snapshot.ts'

const flagTable = new FlagTable()

interface Row {
  readonly uid: number
  readonly flags: number
  readonly modSeq: number
}

function snapshot(rows: readonly Row[]): MailboxSnapshot {
  return {
    mailbox: mailboxId(1),
    uidValidity: 1,
    uidNext: uid((rows.at(-1)?.uid ?? 0) + 1),
    highestModSeq: modSeq(1),
    uids: Uint32Array.from(rows, (row) => row.uid),
    keys: Uint32Array.from(rows, (row) => row.uid * 10),
    flags: Uint32Array.from(rows, (row) => row.flags),
    modSeqs: Float64Array.from(rows, (row) => row.modSeq),
    flagTable,
  }
}

const rows = fc
  .uniqueArray(
    fc.record({
      uid: fc.integer({ min: 1, max: 40 }),
      flags: fc.integer({ min: 0, max: 2 }),
      modSeq: fc.integer({ min: 1, max: 3 }),
    }),
    { selector: (row) => row.uid },
  )
  .map((list) => list.toSorted((a, b) => a.uid - b.uid))

test('diffSnapshots: the older one with the difference applied is the newer one', () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const { added, removed, changed } = diffSnapshots(snapshot(before), snapshot(after))
      const model = new Map(before.map((row) => [row.uid, row]))
      for (const index of removed) assert.ok(model.delete(before[index]?.uid ?? 0))
      for (const index of added) {
        const row = after[index] as Row
        assert.ok(!model.has(row.uid))
        model.set(row.uid, row)
      }
      for (const index of changed) {
        const row = after[index] as Row
        const old = model.get(row.uid)
        assert.ok(old !== undefined && (old.flags !== row.flags || old.modSeq !== row.modSeq))
        model.set(row.uid, row)
      }
      assert.deepEqual(
        [...model.values()].toSorted((a, b) => a.uid - b.uid).map((row) => ({ ...row })),
        after.map((row) => ({ ...row })),
      )
      for (const list of [added, removed, changed])
        assert.deepEqual(
          list,
          list.toSorted((a, b) => a - b),
        )
    }),
  )
})

test('a snapshot does not differ from itself', () => {
  const one = snapshot([{ uid: 1, flags: 0, modSeq: 1 }])
  assert.deepEqual(diffSnapshots(one, one), { added: [], removed: [], changed: [] })
})

test('indexOfUid finds each UID and no other; lowerBound says where it would be', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 0, max: 41 }), (list, wanted) => {
      const one = snapshot(list)
      assert.equal(
        indexOfUid(one, wanted),
        list.findIndex((row) => row.uid === wanted),
      )
      const at = lowerBound(one.uids, wanted)
      assert.ok(list.slice(0, at).every((row) => row.uid < wanted))
      assert.ok(list.slice(at).every((row) => row.uid >= wanted))
    }),
  )
})

test('keyAt gives the message of that place', () => {
  assert.equal(keyAt(snapshot([{ uid: 7, flags: 0, modSeq: 1 }]), 0), 70)
})
