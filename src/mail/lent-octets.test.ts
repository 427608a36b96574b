import assert from 'node:assert/strict'
import { test } from 'node:test'
import { areGone, discard, hold, lend } from './lent-octets.ts'

test('lent octets are gone when everybody who holds them has let go, and not before', () => {
  const octets = Buffer.allocUnsafeSlow(100)
  const release = lend(octets)
  const written = hold(octets.subarray(10, 20))
  const writtenToo = hold(octets)
  release()
  release()
  written?.()
  assert.equal(areGone(octets), false)
  assert.equal(octets.length, 100)
  writtenToo?.()
  assert.equal(areGone(octets), true)
  assert.equal(octets.length, 0)
  assert.equal(hold(octets), undefined)
})

test('who holds first and releases last, or never, keeps them', () => {
  const octets = Buffer.allocUnsafeSlow(100)
  const release = lend(octets)
  hold(octets)?.()
  assert.equal(areGone(octets), false)
  hold(octets)
  release()
  assert.equal(areGone(octets), false)
})

test('what is not lent is not held, and empty octets are not gone', () => {
  assert.equal(hold(Buffer.from('a message')), undefined)
  assert.equal(areGone(Buffer.alloc(0)), false)
})

test('what is discarded is gone at once', () => {
  const octets = Buffer.allocUnsafeSlow(100)
  discard(octets.subarray(4))
  assert.equal(areGone(octets), true)
  discard(octets)
})
