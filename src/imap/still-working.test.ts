import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inProgress, StillWorking } from './still-working.ts'

const said = (done: number, total: number | undefined) => inProgress('a1', { done, total })

test('INPROGRESS counts as far as it knows, and never beyond the goal', () => {
  assert.equal(said(0, undefined), '* OK [INPROGRESS ("a1" NIL NIL)] Still working\r\n')
  assert.equal(said(7, undefined), '* OK [INPROGRESS ("a1" 7 NIL)] Still working\r\n')
  assert.equal(said(0, 9), '* OK [INPROGRESS ("a1" 0 9)] Still working\r\n')
  assert.equal(said(12, 9), '* OK [INPROGRESS ("a1" 9 9)] Still working\r\n')
  assert.equal(said(0, 0), '* OK [INPROGRESS ("a1" NIL NIL)] Still working\r\n')
})

test('it is said after less than 10 s of silence, not while answers come, not in the middle of one, not after the end', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let written = 0
  let mayTell = true
  const told: string[] = []
  const watch = new StillWorking({
    written: () => written,
    mayTell: () => mayTell,
    tell: (line) => told.push(line),
  })
  watch.begin('a1', { done: 0, total: undefined })
  for (let seconds = 0; seconds < 20; seconds++) {
    written++
    t.mock.timers.tick(1_000)
  }
  assert.equal(told.length, 0)
  t.mock.timers.tick(9_900)
  assert.ok(told.length > 0)
  mayTell = false
  const before = told.length
  t.mock.timers.tick(30_000)
  assert.equal(told.length, before)
  mayTell = true
  watch.end()
  t.mock.timers.tick(30_000)
  assert.equal(told.length, before)
})

test('a command that has just begun is no silent one, and who says nothing more costs nothing', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const told: string[] = []
  const watch = new StillWorking({ written: () => 0, mayTell: () => true, tell: (line) => told.push(line) })
  for (let command = 0; command < 40; command++) {
    watch.begin(`a${command}`, { done: 0, total: undefined })
    t.mock.timers.tick(1_000)
    watch.end()
  }
  assert.equal(told.length, 0)
  t.mock.timers.tick(60_000)
  watch.begin('b', { done: 0, total: undefined })
  t.mock.timers.tick(9_900)
  assert.match(told[0] ?? '', /"b"/)
  watch.close()
  const before = told.length
  t.mock.timers.tick(60_000)
  assert.equal(told.length, before)
})
