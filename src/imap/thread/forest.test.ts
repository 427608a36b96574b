import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Forest } from './forest.ts'

/** The same with nothing but the parents: walks up to see whether a link would close a cycle. */
class PlainForest {
  readonly parent: number[]

  constructor(count: number) {
    this.parent = Array.from({ length: count }, () => -1)
  }

  link(child: number, parent: number): boolean {
    for (let at = parent; at !== -1; at = this.parent[at] as number) if (at === child) return false
    this.parent[child] = parent
    return true
  }

  cut(child: number): void {
    this.parent[child] = -1
  }
}

test('links and cuts do what they do in a plain forest, and no cycle is ever made', () => {
  const node = fc.nat(11)
  const step = fc.record({ cut: fc.boolean(), child: node, parent: node })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const forest = new Forest(12)
      const plain = new PlainForest(12)
      for (const { cut, child, parent } of steps) {
        if (cut || plain.parent[child] !== -1) {
          forest.cut(child)
          plain.cut(child)
        }
        if (!cut) assert.equal(forest.link(child, parent), plain.link(child, parent))
        assert.deepEqual([...forest.parent], plain.parent)
      }
    }),
    { numRuns: 500 },
  )
})

test('a chain of a hundred thousand grows at either end and cannot be closed', () => {
  const count = 100_000
  const forest = new Forest(count)
  for (let i = 1; i < count / 2; i++) assert.ok(forest.link(i, i - 1))
  for (let i = count / 2; i < count - 1; i++) assert.ok(forest.link(i, i + 1))
  assert.equal(forest.link(0, count / 2 - 1), false)
  assert.equal(forest.link(count - 1, count / 2), false)
})
