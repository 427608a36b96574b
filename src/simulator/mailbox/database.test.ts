import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Database } from './database.ts'

it('goes on after a deletion from the full-text table, whose own rowids are past 2^53', () => {
  const db = new Database(':memory:')
  const rows = Array.from({ length: 30 }, (_, at) => at + 1)
  for (const rowid of rows) db.run('insert into search (rowid, body) values (?, ?)', rowid, `words ${rowid}`)
  for (const rowid of rows.slice(0, 10)) db.run('delete from search where rowid = ?', rowid)
  db.run('delete from draft where n = ?', 1)
  assert.equal(db.count("select count(*) c from search where search match 'words'"), 20)
  db.close()
})
