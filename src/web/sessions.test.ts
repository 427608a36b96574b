import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { HandClock } from '#auth/testing/hand-clock.ts'
import { Sessions } from './sessions.ts'

const hourMs = 3_600_000

describe('Sessions', () => {
  it('end when the person signs out, and know no other value', () => {
    const sessions = new Sessions(new HandClock(), randomBytes)
    const [one, other] = [sessions.begin(), sessions.begin()]
    assert.notEqual(one, other)
    assert.equal(sessions.see(''), false)
    assert.equal(sessions.see(`${one}x`), false)
    sessions.end(one)
    assert.deepEqual([sessions.see(one), sessions.see(other)], [false, true])
  })

  it('end after two quiet hours, and not before', () => {
    const clock = new HandClock()
    const sessions = new Sessions(clock, randomBytes)
    const value = sessions.begin()
    clock.advance(2 * hourMs - 1)
    assert.equal(sessions.see(value), true)
    clock.advance(2 * hourMs - 1)
    assert.equal(sessions.isGoing(value), true)
    clock.advance(1)
    assert.equal(sessions.isGoing(value), false, 'looking on is not being there')
    assert.equal(sessions.see(value), false)
  })

  it('end after a day however busy', () => {
    const clock = new HandClock()
    const sessions = new Sessions(clock, randomBytes)
    const value = sessions.begin()
    for (let hour = 1; hour < 24; hour++) {
      clock.advance(hourMs)
      assert.equal(sessions.see(value), true)
    }
    clock.advance(hourMs)
    assert.equal(sessions.see(value), false)
  })

  it('are fifty at most: the quietest goes first', () => {
    const clock = new HandClock()
    const sessions = new Sessions(clock, randomBytes)
    const values = Array.from({ length: 50 }, () => sessions.begin())
    assert.equal(sessions.see(values[0] as string), true)
    const last = sessions.begin()
    assert.equal(sessions.isGoing(values[1] as string), false)
    assert.ok([values[0], values[2], last].every((value) => sessions.isGoing(value as string)))
  })
})
