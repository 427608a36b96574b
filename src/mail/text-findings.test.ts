import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { messageKey } from './ids.ts'
import { TextFindings } from './text-findings.ts'

const step = fc.record({
  place: fc.constantFrom('body' as const, 'text' as const),
  text: fc.constantFrom('garden', 'budget', 'harbour', 'x'.repeat(200)),
  key: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(4000, 100_000, 2 ** 31, 2 ** 32 - 1)),
  what: fc.constantFrom('note', 'note', 'note', 'drop', 'clear'),
})

/** What each message has is fixed, as it is in mail. */
const has = (place: string, text: string, key: number) => (key + text.length + place.length) % 3 === 0

test('what is told is what was noted, whatever is forgotten, and the memory is bounded', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 80 }),
      fc.constantFrom(0, 900, 3000, 1_000_000),
      (steps, room) => {
        const findings = new TextFindings(room)
        for (const { place, text, key, what } of steps) {
          const before = findings.of(place, text)
          if (what === 'drop') findings.drop([messageKey(key)])
          if (what === 'clear') findings.clear()
          before.note(messageKey(key), has(place, text, key))
          const told = findings.of(place, text).of(messageKey(key))
          if (what === 'drop' || room === 0) assert.equal(told, undefined)
          else if (told !== undefined) assert.equal(told, has(place, text, key))
          if (what === 'note' && room === 1_000_000 && key <= 100_000) assert.notEqual(told, undefined)
          assert.ok(findings.bytes <= room)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('what was asked for longest ago is forgotten first', () => {
  const findings = new TextFindings(1500)
  const note = (text: string) => findings.of('body', text).note(messageKey(1), true)
  const told = (text: string) => findings.of('body', text).of(messageKey(1))
  for (const text of ['one', 'two', 'three']) note(text)
  assert.equal(told('one'), true)
  note('four')
  assert.deepEqual([told('one'), told('three'), told('four')], [true, true, true])
})
