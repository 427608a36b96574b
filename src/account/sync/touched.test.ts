import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as othersTurn } from 'node:timers/promises'
import { messageKey } from '#mail/ids.ts'
import { Touched } from './touched.ts'

test('history is read again when the changes that were under way have ended, whatever began since', async () => {
  const touched = new Touched({ onCommit: () => () => {} })
  await touched.settled()
  const [one, other] = [touched.changing([messageKey(1)]), touched.changing([messageKey(2)])]
  let isSettled = false
  const settled = touched.settled().then(() => (isSettled = true))
  using _ = touched.changing([messageKey(3)])
  one[Symbol.dispose]()
  await othersTurn()
  assert.equal(isSettled, false)
  other[Symbol.dispose]()
  await settled
})
