import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { gmailQuery } from './gmail-query.ts'

test('hints become Gmail’s operators, a little wider than asked', () => {
  assert.equal(
    gmailQuery([
      { field: 'from', value: 'ada' },
      { field: 'text', value: 'engine plans' },
      { field: 'since', value: '1700000000000' },
      { field: 'before', value: '1700000000001' },
      { field: 'larger', value: '1000' },
      { field: 'smaller', value: '2000' },
      { field: 'gmail', value: 'has:attachment OR is:starred' },
    ]),
    'from:"ada" "engine plans" after:1699999999 before:1700000002 larger:999 smaller:2001 (has:attachment OR is:starred)',
  )
})

test('text of others stays text', () => {
  assert.equal(
    gmailQuery([{ field: 'subject', value: 'x" OR in:trash {a} -b \\' }]),
    'subject:"x OR in:trash {a} -b"',
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const q = gmailQuery([{ field: 'subject', value }])
      assert.match(q ?? 'subject:""', /^subject:"[^"\\\p{Cc}]*"$/u)
    }),
  )
})

test('what Gmail cannot search for asks for nothing', () => {
  assert.equal(gmailQuery([{ field: 'text', value: '""' }]), undefined)
  assert.equal(gmailQuery([{ field: 'since', value: 'yesterday' }]), undefined)
  assert.equal(gmailQuery([]), undefined)
})
