import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Database } from './database.ts'

test('a full disk is told, changes nothing, and heals without a restart', () => {
  const db = new Database(':memory:')
  db.exec('create table t (a); pragma max_page_count = 20')
  const fill = (rows: number) =>
    db.transaction(() => {
      for (let row = 0; row < rows; row++) db.run('insert into t values (?)', new Uint8Array(4000))
    })
  fill(2)
  assert.throws(() => fill(100), { name: 'StoreError', kind: 'disk', message: /full/ })
  assert.deepEqual(db.get('select count(*) from t'), [2])
  db.exec('pragma max_page_count = 1000')
  fill(100)
  assert.deepEqual(db.get('select count(*) from t'), [102])
  db.close()
})

test('an error in a transaction takes everything back and comes out as it is', () => {
  const db = new Database(':memory:')
  db.exec('create table t (a)')
  const bug = new TypeError('ours')
  assert.throws(
    () =>
      db.transaction(() => {
        db.run('insert into t values (1)')
        throw bug
      }),
    (error) => error === bug,
  )
  assert.deepEqual(db.get('select count(*) from t'), [0])
  db.close()
})
