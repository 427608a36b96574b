import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import type { ApiCall } from './call.ts'
import { UploadSessions } from './uploads-session.ts'

const call: ApiCall = {
  method: 'POST',
  path: '/gmail/v1/users/me/messages',
  query: new URLSearchParams(),
  headers: {},
  body: Buffer.alloc(0),
  media: undefined,
}
const mebibyte = 1024 * 1024

describe('UploadSessions', () => {
  it('forgets the session that has waited longest when there are too many', () => {
    const sessions = new UploadSessions({ now: () => 0, randomBytes })
    const ids = Array.from({ length: 200 }, () => sessions.begin(call, 10, undefined).id)
    const [first = '', second = ''] = ids
    // Used, so no longer the one that has waited longest.
    assert.ok(sessions.find(first, call.path))
    sessions.begin(call, 10, undefined)
    assert.ok(sessions.find(first, call.path))
    assert.equal(sessions.find(second, call.path), undefined)
  })

  it('forgets sessions rather than hold too many octets, never the one that is asked for', () => {
    const sessions = new UploadSessions({ now: () => 0, randomBytes })
    const large = sessions.begin(call, 500 * mebibyte, undefined)
    large.octets.append(Buffer.alloc(20 * mebibyte))
    const other = sessions.begin(call, 500 * mebibyte, undefined)
    assert.equal(sessions.find(other.id, call.path), other)
    assert.equal(sessions.find(large.id, call.path), undefined)
    assert.equal(sessions.find(other.id, call.path), other)
  })

  it('knows a session for a week', () => {
    let now = 0
    const sessions = new UploadSessions({ now: () => now, randomBytes })
    const { id } = sessions.begin(call, 10, undefined)
    now = 6 * 24 * 3600 * 1000
    assert.ok(sessions.find(id, call.path))
    now += 2 * 24 * 3600 * 1000
    assert.equal(sessions.find(id, call.path), undefined)
  })
})
