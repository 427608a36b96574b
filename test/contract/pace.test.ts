import assert from 'node:assert/strict'
import { it } from 'node:test'
import { unitsOf } from './pace.ts'

it('a call is paid for with at least what it costs since May 2026', () => {
  const users = '/gmail/v1/users/me'
  for (const [method, path, units] of [
    ['GET', 'profile', 1],
    ['GET', 'labels/Label_1', 1],
    ['GET', 'history', 2],
    ['GET', 'messages', 5],
    ['GET', 'messages/18c', 20],
    ['GET', 'messages/18c/attachments/ANGjdJ', 20],
    ['POST', 'messages', 25],
    ['POST', 'messages/import', 25],
    ['POST', 'messages/send', 100],
    ['POST', 'messages/18c/modify', 5],
    ['POST', 'messages/18c/trash', 20],
    ['POST', 'messages/batchModify', 50],
    ['GET', 'threads', 10],
    ['GET', 'threads/18c', 40],
    ['POST', 'threads/18c/modify', 10],
    ['DELETE', 'threads/18c', 20],
    ['GET', 'drafts/r1', 20],
    ['POST', 'drafts', 10],
    ['PUT', 'drafts/r1', 15],
    ['POST', 'drafts/send', 100],
    ['DELETE', 'drafts/r1', 10],
    ['PATCH', 'labels/Label_1', 5],
  ] as const) {
    assert.ok(unitsOf(method, `${users}/${path}`) >= units, `${method} ${path}`)
  }
  assert.equal(unitsOf('POST', `/upload${users}/messages`), 25)
})
