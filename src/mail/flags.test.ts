import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FlagBit, flagBit, flagBits, flagNames, FlagTable } from './flags.ts'

test('every bit has one name, and every name one bit to set, found whatever its letter case', () => {
  let all = 0
  for (const [bits, name] of flagNames) {
    assert.equal(bits & all, 0)
    all |= bits
    const bit = flagBit(name.toUpperCase()) ?? 0
    assert.equal(bit & (bit - 1), 0)
    assert.equal(bit & bits, bit)
    assert.equal(flagBit(name.toLowerCase()), bit)
    assert.equal(flagBits(name), bits)
  }
  assert.equal(
    all,
    Object.values(FlagBit).reduce((sum, bit) => sum + bit, 0),
  )
  assert.equal(flagBit('\\Recent'), undefined)
  assert.equal(flagBit('seen'), undefined)
})

test('a combination is shown in one order, bits first', () => {
  const table = new FlagTable()
  const { text, keywords } = table.get(table.intern(FlagBit.seen | FlagBit.answered, ['work', 'Later']))
  assert.equal(text, '\\Answered \\Seen Later work')
  assert.deepEqual(keywords, ['Later', 'work'])
  assert.equal(table.get(table.intern(0)).text, '')
})

test('\\Draft is shown once, whoever says so', () => {
  const table = new FlagTable()
  for (const bits of [FlagBit.draft, FlagBit.draftMark, FlagBit.draft | FlagBit.draftMark])
    assert.equal(table.get(table.intern(bits)).text, '\\Draft')
})

test('equal combinations have one index, others another', () => {
  const table = new FlagTable()
  const index = table.intern(1, ['b', 'a'])
  assert.equal(table.intern(1, ['a', 'b']), index)
  assert.equal(table.intern(1, ['A', 'B']), index)
  assert.notEqual(table.intern(1, ['a']), index)
  assert.notEqual(table.intern(2, ['a', 'b']), index)
  assert.equal(table.size, 3)
})

test('an index of another table is refused', () => {
  assert.throws(() => new FlagTable().get(0), {
    name: 'RangeError',
    message: 'Cannot find flag set 0: the table has 0',
  })
})

test('intern() and get() are each other’s inverse for any bits and keywords', () => {
  const keyword = fc.stringMatching(/^[A-Za-z$_][A-Za-z0-9_-]{0,9}$/)
  const table = new FlagTable()
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 255 }),
      fc.uniqueArray(keyword, { selector: (word) => word.toLowerCase() }),
      (bits, keywords) => {
        const set = table.get(table.intern(bits, keywords))
        assert.equal(set.bits, bits)
        assert.deepEqual(
          new Set(set.keywords.map((word) => word.toLowerCase())),
          new Set(keywords.map((word) => word.toLowerCase())),
        )
        assert.equal(table.intern(set.bits, set.keywords), set.index)
      },
    ),
  )
})
