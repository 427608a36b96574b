import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Database } from './database.ts'

it('goes on after a deletion from the full-text table, whose own rowids are past 2^53', () => {
  const db = new Database(':memory:')
  for (const rowid of [1, 2, 3]) db.run('insert into search (rowid, body) values (?, ?)', rowid, 'words')
  db.run('delete from search where rowid = ?', 2)
  db.saveSetting('a', 'b')
  assert.equal(db.setting('a'), 'b')
  assert.equal(db.count("select count(*) c from search where search match 'words'"), 2)
  db.close()
})
