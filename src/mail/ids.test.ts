import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { accountId, labelId, mailboxId, messageId, messageKey, modSeq, seq, threadId, uid } from './ids.ts'

const wrong = [0, -1, 1.5, NaN, Infinity, 2 ** 32, 2 ** 53]

for (const [name, make] of Object.entries({ uid, seq, messageKey, mailboxId, accountId })) {
  test(`${name}() takes integers from 1 to 2^32-1`, () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 0xffffffff }), (value) => make(value) === value))
  })

  for (const value of wrong)
    test(`${name}() refuses ${value}`, () => {
      assert.throws(() => make(value), {
        name: 'RangeError',
        message: new RegExp(`^Cannot use ${value} as an? `),
      })
    })
}

test('modSeq() takes safe integers only', () => {
  assert.equal(modSeq(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
  for (const value of [0, -1, 0.5, 2 ** 53]) assert.throws(() => modSeq(value), RangeError)
})

for (const [name, make] of Object.entries({ messageId, threadId })) {
  test(`${name}() takes 1 to 16 hexadecimal digits and gives them in lower case`, () => {
    assert.equal(make('18C2f0a9b1e4d7aa'), '18c2f0a9b1e4d7aa')
    assert.equal(make('1'), '1')
  })

  for (const value of ['', 'g', '18c2f0a9b1e4d7aa0', '0x1', ' 1', '1\n', '../1'])
    test(`${name}() refuses ${JSON.stringify(value)}`, () => {
      assert.throws(() => make(value), RangeError)
    })
}

test('messageId() shows no more than 40 characters of what it refuses', () => {
  assert.throws(
    () => messageId('z'.repeat(5000)),
    (error: Error) => error.message.length < 140,
  )
})

test('labelId() refuses an empty string only', () => {
  assert.equal(labelId('Label_7'), 'Label_7')
  assert.throws(() => labelId(''), RangeError)
})
