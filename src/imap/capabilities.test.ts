import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capabilityText } from './capabilities.ts'
import type { CapabilityState } from './capabilities.ts'

function words(state: Partial<CapabilityState>): string[] {
  return capabilityText({
    authenticated: false,
    mayStartTls: false,
    mayLogin: false,
    compressed: false,
    hidden: new Set(),
    ...state,
  }).split(' ')
}

test('every word is said once, IMAP4rev1 first', () => {
  for (const authenticated of [false, true]) {
    const said = words({ authenticated, mayStartTls: true, mayLogin: true })
    assert.equal(new Set(said).size, said.length)
    assert.equal(said[0], 'IMAP4rev1')
  }
})

test('where no password may cross, no mechanism is offered', () => {
  const said = words({ mayStartTls: true })
  assert.ok(said.includes('LOGINDISABLED') && said.includes('STARTTLS'))
  assert.ok(!said.some((word) => word.startsWith('AUTH=')))
})

test('what is hidden is not announced', () => {
  assert.ok(!words({ authenticated: true, hidden: new Set(['UTF8=ACCEPT', 'XLIST']) }).includes('XLIST'))
})

test('without QUOTA none of its resources is announced', () => {
  for (const [hidden, announced] of [
    [[], ['QUOTA', 'QUOTA=RES-MAILBOX']],
    [['QUOTA'], []],
    [['QUOTA=RES-MAILBOX'], ['QUOTA']],
  ]) {
    const said = words({ authenticated: true, hidden: new Set(hidden) })
    assert.deepEqual(
      said.filter((word) => word.startsWith('QUOTA')),
      announced,
    )
  }
})
