import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GmailError } from '#gmail/gmail.ts'
import { labelRefusal } from './label-refusal.ts'

test('a label that Gmail does not make is one too many, has a name that it does not take, or is there', () => {
  for (const [kind, labels, code] of [
    ['invalid', 10_000, 'over-quota'],
    ['invalid', 9_999, 'cannot'],
    ['conflict', 10_000, 'already-exists'],
    ['unavailable', 10_000, undefined],
    ['throttled', 10_000, undefined],
  ] as const)
    assert.equal(labelRefusal(new GmailError(kind, 'x'), labels)?.code, code, `${kind} of ${labels}`)
})
