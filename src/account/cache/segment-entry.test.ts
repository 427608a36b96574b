import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { messageId } from '#mail/ids.ts'
import { decodeEntries, encodeEntries, entryBytes } from './segment-entry.ts'

const uint32 = fc.integer({ min: 0, max: 0xffffffff })
const entry = fc
  .tuple(fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn }), uint32, uint32)
  .map(([id, offset, length]) => ({ id: messageId(id.toString(16)), offset, length }))

test('entries come back as they were', () => {
  fc.assert(
    fc.property(fc.array(entry), (entries) =>
      assert.deepEqual(decodeEntries(encodeEntries(entries)), entries),
    ),
  )
})

test('of a torn or damaged list all entries before the damage come back', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1 }), fc.nat(), fc.boolean(), (entries, place, tear) => {
      const octets = encodeEntries(entries)
      const at = place % octets.length
      if (!tear) octets[at] = (octets[at] as number) ^ 1
      const read = decodeEntries(tear ? octets.subarray(0, at) : octets)
      assert.deepEqual(read, entries.slice(0, Math.floor(at / entryBytes)))
    }),
  )
})
