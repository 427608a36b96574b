import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMessageIds } from './message-ids.ts'

for (const [text, ids] of [
  ['<1234@local.machine.example>', ['<1234@local.machine.example>']],
  ['<a@b> <c@d>', ['<a@b>', '<c@d>']],
  ['<a@b><c@d>', ['<a@b>', '<c@d>']],
  ['(see <no@no>) <a@b>', ['<a@b>']],
  ['Your message of "Mon <no@no>" <a@b>', ['<a@b>']],
  ['< a @ b >', ['<a@b>']],
  ['<J\xc3\xb6rg@b>', ['<Jörg@b>']],
  ['', []],
  ['a@b', []],
  ['<never closed', []],
] as const)
  test(`parseMessageIds reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseMessageIds(text), ids)
  })

test('parseMessageIds stops after a thousand', () => {
  assert.equal(parseMessageIds('<a@b>'.repeat(5000)).length, 1000)
})
