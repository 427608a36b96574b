import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlagBit } from '#mail/flags.ts'
import { messageKey } from '#mail/ids.ts'
import { changedFlags, flagGroups, writtenParts } from './flag-change.ts'

test('what is written of a change is what Gmail was asked for: another flag that came meanwhile stays', () => {
  const change = { mode: 'replace', bits: FlagBit.seen | FlagBit.answered, keywords: [] } as const
  const before = [
    { key: messageKey(1), bits: 0 },
    { key: messageKey(2), bits: FlagBit.seen },
    { key: messageKey(3), bits: FlagBit.flagged },
    { key: messageKey(4), bits: FlagBit.flagged | FlagBit.seen },
  ]
  const parts = writtenParts(flagGroups(before, change), Uint32Array.of(1, 2, 3, 4))
  const after = new Map<number, number>()
  // Meanwhile each got a flag.
  for (const { keys, kept } of parts)
    for (const key of keys)
      after.set(key, changedFlags({ bits: FlagBit.flagged, keywords: [] }, { ...change, kept }).bits)
  const { seen, answered, flagged } = FlagBit
  assert.deepEqual(
    [...after].toSorted(([a], [b]) => a - b),
    [
      [1, seen | answered | flagged],
      // And somebody took this off.
      [2, answered | flagged],
      [3, seen | answered],
      [4, answered],
    ],
  )
})

test('a change that is the same for all is written in one part, one that asks Gmail for nothing leaves its labels', () => {
  const change = { mode: 'add', bits: FlagBit.flagged, keywords: [] } as const
  const keys = Uint32Array.of(1, 2)
  const all = [...keys].map((key) => ({ key: messageKey(key), bits: 0 }))
  const [part, ...others] = writtenParts(flagGroups(all, change), keys)
  assert.equal(others.length, 0)
  assert.equal(part?.keys, keys)
  assert.equal(changedFlags({ bits: 0, keywords: [] }, { ...change, kept: part.kept }).bits, FlagBit.flagged)
  const flagged = all.map(({ key }) => ({ key, bits: FlagBit.flagged }))
  const [nothing] = writtenParts(flagGroups(flagged, change), keys)
  assert.equal(changedFlags({ bits: 0, keywords: [] }, { ...change, kept: nothing?.kept ?? 0 }).bits, 0)
})
