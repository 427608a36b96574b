import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Turns } from './turns.ts'

test('readers see every write before them and none after, and run together', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('read', 'write', 'failing write'), { maxLength: 12 }),
      async (scheduler, kinds) => {
        const turns = new Turns()
        let written = 0
        let writing = false
        const all: Promise<unknown>[] = []
        for (const [index, kind] of kinds.entries()) {
          const expected = kinds.slice(0, index).filter((one) => one !== 'read').length
          all.push(
            kind === 'read'
              ? turns.read(async () => {
                  await scheduler.schedule(Promise.resolve())
                  assert.deepEqual([written, writing], [expected, false])
                })
              : turns
                  .write(async () => {
                    assert.deepEqual([written, writing], [expected, false])
                    writing = true
                    await scheduler.schedule(Promise.resolve())
                    writing = false
                    written += 1
                    if (kind === 'failing write') throw new Error('as it should')
                  })
                  .catch((error: Error) => assert.equal(error.message, 'as it should')),
          )
        }
        await scheduler.waitFor(Promise.all(all))
      },
    ),
  )
})
