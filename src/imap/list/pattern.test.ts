import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { listPattern } from './pattern.ts'

const cases: [pattern: string, matching: string[], not: string[]][] = [
  ['*', ['a', 'a/b', 'INBOX', ''], []],
  ['%', ['a', 'INBOX'], ['a/b']],
  ['a/%', ['a/b', 'a/'], ['a', 'a/b/c', 'b/c']],
  ['a/*', ['a/b', 'a/b/c'], ['a']],
  ['%/%', ['a/b'], ['a', 'a/b/c']],
  ['*b', ['b', 'a/b', 'bb'], ['ba']],
  ['%*%', ['a', 'a/b/c'], []],
  ['Work', ['Work'], ['work', 'Works', 'Wor']],
  ['inbox', ['INBOX'], ['Inboxes']],
  ['in*', ['INBOX', 'INBOX/x'], ['Input']],
  ['Inbox/Abc', ['INBOX/Abc'], ['INBOX/ABC']],
  ['a.c', ['a.c'], ['abc']],
  ['(a+)+$', ['(a+)+$'], ['aaaa']],
]
for (const [pattern, matching, not] of cases)
  test(`${pattern} matches what it should and nothing else`, () => {
    const matches = listPattern(pattern)
    for (const name of matching) assert.ok(matches(name), name)
    for (const name of not) assert.ok(!matches(name), name)
  })

/** The definition itself, as slow as it likes. */
function naive(pattern: string, name: string): boolean {
  const [token] = pattern
  if (token === undefined) return name === ''
  const rest = pattern.slice(1)
  if (token === '*' || token === '%') {
    for (let i = 0; i <= name.length; i++) {
      if (naive(rest, name.slice(i))) return true
      if (token === '%' && name[i] === '/') return false
    }
    return false
  }
  return name[0] === token && naive(rest, name.slice(1))
}

test('it matches as the definition says', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '%'), maxLength: 8 })
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
  fc.assert(
    fc.property(pattern, name, (text, candidate) => {
      assert.equal(listPattern(text)(candidate), naive(text, candidate))
    }),
    { numRuns: 2000 },
  )
})

test('a pattern made to be slow is decided at once', () => {
  const matches = listPattern('%a*'.repeat(20_000))
  assert.ok(!matches('a'.repeat(200)))
  assert.ok(!listPattern(`${'%a*a'.repeat(50)}b`)('a'.repeat(225)))
})
