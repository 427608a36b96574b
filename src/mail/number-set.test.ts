import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatNumbers, inRanges, resolveRanges } from './number-set.ts'

const star = Infinity

for (const [name, set, largest, expected] of [
  ['84:* with 83 messages is 83:84', [[84, star]], 83, [[83, 84]]],
  ['*:4 is 4 to the largest', [[star, 4]], 9, [[4, 9]]],
  ['* is the largest', [[star, star]], 7, [[7, 7]]],
  ['* in an empty mailbox is nothing', [[star, star]], 0, []],
  ['1:* in an empty mailbox is nothing', [[1, star]], 0, []],
  [
    'neighbours are joined',
    [
      [1, 2],
      [3, 4],
    ],
    9,
    [[1, 4]],
  ],
  [
    'overlaps are joined, in any order',
    [
      [8, 9],
      [5, 2],
      [4, 6],
    ],
    9,
    [
      [2, 6],
      [8, 9],
    ],
  ],
  ['numbers beyond the largest stay', [[20, 30]], 9, [[20, 30]]],
  ['all numbers there are', [[1, 0xffffffff]], 3, [[1, 0xffffffff]]],
] as const)
  test(`resolveRanges: ${name}`, () => {
    assert.deepEqual(
      resolveRanges(
        set.map(([from, to]) => ({ from, to })),
        largest,
      ),
      expected.map(([from, to]) => ({ from, to })),
    )
  })

const number = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(star))
const ranges = fc.array(fc.tuple(number, number).map(([from, to]) => ({ from, to })))

test('inRanges says what the set says, and resolved ranges ascend with gaps between', () => {
  fc.assert(
    fc.property(ranges, fc.integer({ min: 1, max: 60 }), (set, largest) => {
      const resolved = resolveRanges(set, largest)
      for (const [index, { from, to }] of resolved.entries()) {
        assert.ok(from <= to)
        assert.ok(index === 0 || from > (resolved[index - 1]?.to ?? 0) + 1)
      }
      for (let value = 1; value <= 61; value++) {
        const means = (end: number) => (end === star ? largest : end)
        const wanted = set.some(({ from, to }) => {
          const [low, high] = [Math.min(means(from), means(to)), Math.max(means(from), means(to))]
          return value >= low && value <= high
        })
        assert.equal(inRanges(resolved, value), wanted)
      }
    }),
  )
})

test('formatNumbers writes ranges, and resolving them gives the numbers back', () => {
  assert.equal(formatNumbers([]), '')
  assert.equal(formatNumbers([1, 2, 3, 7, 9, 10]), '1:3,7,9:10')
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 200 })), (numbers) => {
      const ascending = numbers.toSorted((a, b) => a - b)
      const text = formatNumbers(ascending)
      const read = text === '' ? [] : text.split(',').map((part) => part.split(':').map(Number))
      const back = read.flatMap(([from = 0, to = from]) =>
        Array.from({ length: to - from + 1 }, (_, i) => from + i),
      )
      assert.deepEqual(back, ascending)
    }),
  )
})
