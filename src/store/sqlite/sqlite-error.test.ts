import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storeError } from './sqlite-error.ts'

test('a start on a full disk says that it is full, not that the disk is broken', () => {
  for (const errcode of [13, 4874]) {
    const error = storeError(Object.assign(new Error('disk I/O error'), { errcode }), '/data/postern.db')
    assert.match(String(error), /The disk of \/data\/postern\.db is full\. Nothing was changed\. Make room/)
  }
  const broken = storeError(Object.assign(new Error('disk I/O error'), { errcode: 10 }), '/data/postern.db')
  assert.match(String(broken), /refused to read or write/)
})
