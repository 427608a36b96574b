import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hold } from './hold.ts'

const never = new AbortController().signal

test('who finds no room waits in turn, and one that gives up lets the next go on', async () => {
  const hold = new Hold(10)
  const order: string[] = []
  const first = await hold.take(8, never)
  const giveUp = new AbortController()
  const second = hold.take(5, giveUp.signal).catch(() => void order.push('second gave up'))
  const third = hold.take(2, never).then((giveBack) => {
    order.push('third')
    return giveBack
  })
  giveUp.abort(new Error('enough'))
  await second
  const thirdBack = await third
  assert.deepEqual(order, ['second gave up', 'third'])
  const fourth = hold.take(100, never).then(() => order.push('fourth has all'))
  first()
  first()
  thirdBack()
  await fourth
  assert.deepEqual(order.at(-1), 'fourth has all')
  await assert.rejects(hold.take(1, AbortSignal.abort(new Error('gone'))), /gone/)
})

test('what turns out to need less lets others in before it is done', async () => {
  const hold = new Hold(10)
  const first = await hold.take(10, never)
  const order: string[] = []
  const second = hold.take(6, never).then((giveBack) => {
    order.push('second')
    return giveBack
  })
  first(5)
  // One octet too many is still held.
  await Promise.resolve()
  assert.equal(order.length, 0)
  first(4)
  const secondBack = await second
  const third = hold.take(5, never).then(() => order.push('third'))
  // Nobody takes more than was taken before.
  first(8)
  first()
  await Promise.resolve()
  assert.deepEqual(order, ['second'])
  secondBack()
  await third
})
