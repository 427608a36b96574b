import assert from 'node:assert/strict'
import { test } from 'node:test'
import { workAhead } from './ahead.ts'

const never = new AbortController().signal

test('works on no more than the width ahead, and on nothing more when the reader waits', async () => {
  let started = 0
  const items = Array.from({ length: 20 }, (_, index) => index)
  const work = async (item: number) => {
    started++
    await Promise.resolve()
    return item
  }
  const reader = workAhead(items, 4, never, work)
  const first = await reader.next()
  assert.deepEqual(first.value, [0, 1, 2, 3].slice(0, (first.value ?? []).length))
  for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(started <= 8, `${started} were started`)
  const rest: number[] = [...(first.value ?? [])]
  for await (const batch of reader) rest.push(...batch)
  assert.deepEqual(
    rest.toSorted((a, b) => a - b),
    items,
  )
})

test('the first failure ends it and aborts the others', async () => {
  const aborted: number[] = []
  const reader = workAhead([1, 2, 3], 3, never, async (item, signal) => {
    if (item === 2) throw new Error('two')
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    aborted.push(item)
    return undefined
  })
  await assert.rejects(reader.next(), { message: 'two' })
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(aborted, [1, 3])
})
